package teams_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"onbehalf/bot/teams"
)

func TestASecretIsNeverWritten(t *testing.T) {
	holder := struct{ Credential any }{teams.Secret("hush-hush")}
	var written strings.Builder
	fmt.Fprintf(&written, "%v %+v %#v %s", holder, holder, holder, holder)
	for _, handler := range []slog.Handler{slog.NewTextHandler(&written, nil), slog.NewJSONHandler(&written, nil)} {
		slog.New(handler).Info("starting", "config", holder, "credential", holder.Credential)
	}
	text, err := json.Marshal(holder)
	if err != nil {
		t.Fatal(err)
	}
	written.Write(text)
	if strings.Contains(written.String(), "hush") {
		t.Errorf("told: %s", written.String())
	}
}
