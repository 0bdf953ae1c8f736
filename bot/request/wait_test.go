package request_test

import (
	"errors"
	"testing"
	"time"

	"onbehalf/bot/request"
)

func TestWaitForIn(t *testing.T) {
	for typed, want := range map[string]request.WaitFor{
		"Microsoft, logs": request.ForMicrosoft, "for the customer's logs": request.ForCustomer, "logs of the customer for Microsoft": request.ForCustomer,
		"MS": request.ForMicrosoft, "клиента, журналы": request.ForCustomer, "ответа Майкрософт": request.ForMicrosoft, "Заказчик": request.ForCustomer,
		"auf den Kunden": request.ForCustomer, "Microsofts Antwort": request.ForMicrosoft, "den anderen Anbieter": request.ForOther,
		"кого-то другого": request.ForOther, "the provider's grant": request.ForOther, "Somebody else": request.ForOther,
	} {
		if got, ok := request.WaitForIn(typed); got != want || !ok {
			t.Errorf("%q waits for %q, %v", typed, got, ok)
		}
	}
	for _, typed := range []string{"", "logs", "журналы", "Protokolle", "500 Kb"} {
		if got, ok := request.WaitForIn(typed); ok || got != request.ForOther {
			t.Errorf("%q waits for %q, %v", typed, got, ok)
		}
	}
}

func TestParseLater(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 27, 14, 0, 0, 0, zone) // a Friday
	for typed, want := range map[string]string{
		"15:00": "2026-11-27 15:00", "um 13:30": "2026-11-28 13:30", "3 pm": "2026-11-27 15:00", "tomorrow": "2026-11-28 09:00", "завтра в 10:00": "2026-11-28 10:00",
		"morgen um 8:15": "2026-11-28 08:15", "übermorgen": "2026-11-29 09:00", "Monday": "2026-11-30 09:00", "в пятницу": "2026-12-04 09:00", "am Mo. 10:00": "2026-11-30 10:00",
		"2026-12-01": "2026-12-01 09:00", "1.12.2026 16:00": "2026-12-01 16:00", "30.11.": "2026-11-30 09:00", "am 30.11. um 10:00": "2026-11-30 10:00",
		"30.11": "2026-11-30 09:00", "2.1.": "2027-01-02 09:00", "Dec 1": "2026-12-01 09:00", "today 18:00": "2026-11-27 18:00", "2026-11-30T10:00:00Z": "2026-11-30 11:00",
		"2026-11-01": "2026-11-01 09:00",
	} {
		got, ok := request.ParseLater(typed, zone, now)
		if !ok || got.In(zone).Format("2006-01-02 15:04") != want {
			t.Errorf("%q is %s, %v; want %s", typed, got.In(zone).Format("2006-01-02 15:04"), ok, want)
		}
	}
	for _, typed := range []string{"", "soon", "30.2.", "the moon", "tomorrow night", "29.2."} {
		if got, ok := request.ParseLater(typed, zone, now); ok && typed != "" {
			t.Errorf("%q is %s", typed, got)
		}
	}
	for typed, want := range map[string]string{
		"Microsoft, logs until 15:00": "2026-11-27 15:00", "клиента, журналы до завтра": "2026-11-28 09:00", "auf Microsoft bis zum 30.11.": "2026-11-30 09:00",
		"the customer, until Monday.": "2026-11-30 09:00",
	} {
		if got := request.CutAskAgain(typed, zone, now); got.In(zone).Format("2006-01-02 15:04") != want {
			t.Errorf("%q asks again at %s", typed, got)
		}
	}
	for _, typed := range []string{"logs", "until they send them", "довести до конца", "until 2026-11-01"} {
		if got := request.CutAskAgain(typed, zone, now); !got.IsZero() {
			t.Errorf("%q asks again at %s", typed, got)
		}
	}
}

func TestAWaitingTicketAsksAgainUntilItGoesOn(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		opened := d.led(request.InProgress)
		m := request.Move{Number: opened.Number}
		again := d.Now().Add(26 * time.Hour)
		var invalid *request.Invalid
		if _, err := d.Wait(t.Context(), bob, m, request.Wait{AskAgainAt: d.Now()}, ""); !errors.As(err, &invalid) || invalid.Problems[0].Code != "ask_again_past" {
			t.Errorf("a time that has passed: %v", err)
		}
		got := d.must(d.Wait(t.Context(), bob, m, request.Wait{For: request.ForMicrosoft, AskAgainAt: again}, "logs"))
		if !got.NextDueAt.Equal(again) {
			t.Errorf("next at %s", got.NextDueAt)
		}
		kept, err := d.Ticket(t.Context(), bob, opened.Number)
		if err != nil || kept.Wait.For != request.ForMicrosoft || !kept.Wait.AskAgainAt.Equal(again) || !kept.NextDueAt.Equal(again) {
			t.Errorf("kept %+v, next at %s: %v", kept.Wait, kept.NextDueAt, err)
		}
		got = d.must(d.Resume(t.Context(), bob, m, ""))
		if got.Wait != (request.Wait{}) || !got.NextDueAt.IsZero() {
			t.Errorf("after resuming %+v, next at %s", got.Wait, got.NextDueAt)
		}
		d.must(d.Wait(t.Context(), bob, m, request.Wait{For: request.ForCustomer, AskAgainAt: again}, ""))
		if got = d.must(d.Resolve(t.Context(), bob, m, "")); got.Wait != (request.Wait{}) || !got.NextDueAt.IsZero() {
			t.Errorf("after resolving %+v, next at %s", got.Wait, got.NextDueAt)
		}
	})
}
