package incident_test

import (
	"testing"
	"time"

	"onbehalf/bot/customer"
	"onbehalf/bot/incident"
)

func TestServicesBelongToPlatforms(t *testing.T) {
	for service, want := range map[string]string{
		"Exchange Online": "office365", "Microsoft Teams": "office365", "Microsoft 365 suite": "office365", "Office for the web": "office365",
		"Dynamics 365 Apps": "dynamics365", "Power Apps in Microsoft 365": "dynamics365", "Power BI": "office365 dynamics365",
		"Microsoft Intune": "ems", "Microsoft Entra": "azure office365 dynamics365 ems", "Microsoft Defender XDR": "office365 ems",
		"Something New": "azure office365 dynamics365 ems ?", "": "azure office365 dynamics365 ems ?",
	} {
		got, sure := "", true
		for _, p := range []customer.Platform{customer.Azure, customer.Office365, customer.Dynamics, customer.EMS} {
			concerns, known := incident.Incident{Service: service}.Concerns(p)
			if concerns {
				got += " " + string(p)
			}
			sure = sure && known
		}
		if !sure {
			got += " ?"
		}
		if got != " "+want {
			t.Errorf("%s: %s, want %s", service, got, want)
		}
	}
}

func TestKnownIncidentsAreThoseOfThePlatformWorstFirst(t *testing.T) {
	noon := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	var k *incident.Known
	if open, asOf := k.On(noon); open != nil || !asOf.IsZero() {
		t.Error("nil knows something")
	}
	k = &incident.Known{}
	k.Set([]incident.Incident{
		{ID: "EX1", Service: "Exchange Online", Advisory: true, Started: noon}, {ID: "EX2", Service: "Exchange Online", Started: noon.Add(-2 * time.Hour)},
		{ID: "XX1", Service: "Something New", Started: noon}, {ID: "IT1", Service: "Microsoft Intune", Started: noon}, {ID: "EX3", Service: "Exchange Online", Started: noon.Add(-time.Hour)},
	}, noon)
	for want, platforms := range map[string][]customer.Platform{
		"EX3 EX2 EX1 XX1 ": {customer.Office365}, "IT1 XX1 ": {customer.EMS}, "XX1 ": {customer.Azure}, "IT1 EX3 EX2 EX1 XX1 ": nil,
	} {
		got := ""
		open, _ := k.On(noon.Add(time.Hour), platforms...)
		for _, i := range open {
			got += i.ID + " "
		}
		if got != want {
			t.Errorf("%v: %s, want %s", platforms, got, want)
		}
	}
	if open, _ := k.On(noon.Add(25 * time.Hour)); open != nil {
		t.Error("what is older than a day is shown")
	}
}
