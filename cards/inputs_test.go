package cards

import "testing"

func TestListsOfOtherChoicesHaveOtherKeys(t *testing.T) {
	azure := compact("topic", "Topic", "", []choice{{"Virtual Machines", "az.vm"}, {"Networking", "az.net"}})
	for what, other := range map[string]choiceInput{
		"another input":  compact("language", "Language", "", azure.Choices),
		"another choice": compact("topic", "Topic", "", []choice{{"Virtual Machines", "az.vm"}, {"Storage", "az.storage"}}),
		"other words":    compact("topic", "Thema", "", []choice{{"Virtuelle Computer", "az.vm"}, {"Netzwerk", "az.net"}}),
		"one less":       compact("topic", "Topic", "", azure.Choices[:1]),
	} {
		if other.Key == "" || other.Key == azure.Key {
			t.Errorf("%s has the key %q", what, other.Key)
		}
	}
	if same := compact("topic", "Topic (fix this)", "az.vm", azure.Choices); same.Key != azure.Key {
		t.Errorf("the same list has the keys %q and %q", azure.Key, same.Key)
	}
}
