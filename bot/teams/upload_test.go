package teams_test

import (
	"testing"

	"onbehalf/bot/teams"
)

// A file is put where OneDrive and SharePoint store files, and nowhere else.
func TestWhereAFileMayBePut(t *testing.T) {
	cloud, err := teams.CloudNamed("global")
	if err != nil {
		t.Fatal(err)
	}
	hosts, err := teams.NewHosts(cloud, []string{"127.0.0.1:9"})
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]bool{
		"https://nordwind-my.sharepoint.com/personal/ines/_api/v2.0/drive/items/1/uploadSession?guid='2'&overwrite=True": true,
		"https://NORDWIND.sharepoint.com:443/x":         true,
		"http://127.0.0.1:9/x":                          true, // trusted by the operator
		"http://nordwind.sharepoint.com/x":              false,
		"https://nordwind.sharepoint.com:8443/x":        false,
		"https://sharepoint.com/x":                      false,
		"https://.sharepoint.com/x":                     false,
		"https://nordwindsharepoint.com/x":              false,
		"https://nordwind.sharepoint.com.evil.example/": false,
		"https://evil.example/?x=.sharepoint.com":       false,
		"https://a@nordwind.sharepoint.com/x":           false,
		"https://smba.trafficmanager.net/x":             false,
		"file:///etc/passwd":                            false,
		"":                                              false,
	} {
		if err := hosts.AllowedUpload(address); (err == nil) != want {
			t.Errorf("%s: %v", address, err)
		}
	}
}
