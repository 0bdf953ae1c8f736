package main

import (
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	collectorv1 "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	commonv1 "go.opentelemetry.io/proto/otlp/common/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"onbehalf/bot/graph/graphtest"
	"onbehalf/bot/store/storetest"
)

// collector is a strict collector: it takes what the protocol allows, from who has its key
// (https://opentelemetry.io/docs/specs/otlp/).
type collector struct {
	*httptest.Server

	mu    sync.Mutex
	spans []span
	parts []string // everything that came, readable
}

// span is one that came.
type span struct{ *tracev1.Span }

const collectorKey = "k3y/with=signs"

// collect starts a collector that ends with the test.
func collect(t *testing.T) *collector {
	c := new(collector)
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := c.take(r); err != nil {
			t.Errorf("a collector would refuse this: %v", err)
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	t.Cleanup(c.Close)
	return c
}

func (c *collector) take(r *http.Request) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	if r.Method != http.MethodPost || r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/x-protobuf" || r.Header.Get("Api-Key") != collectorKey {
		return fmt.Errorf("%s %s with %v", r.Method, r.URL, r.Header)
	}
	var request collectorv1.ExportTraceServiceRequest
	if err := proto.Unmarshal(body, &request); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.parts = append(c.parts, protojson.Format(&request))
	for _, from := range request.ResourceSpans {
		if said := values(from.Resource.GetAttributes()); said["service.name"] != "onbehalf" || said["service.version"] == "" || said["process.command_args"] != "" {
			return fmt.Errorf("the resource says %v", said)
		}
		for _, scope := range from.ScopeSpans {
			for _, s := range scope.Spans {
				if len(s.TraceId) != 16 || len(s.SpanId) != 8 || s.Name == "" || s.EndTimeUnixNano < s.StartTimeUnixNano || s.StartTimeUnixNano == 0 || len(s.Events) > 0 {
					return fmt.Errorf("the span %v", s)
				}
				c.spans = append(c.spans, span{s})
			}
		}
	}
	return nil
}

// values are attributes by their names.
func values(attributes []*commonv1.KeyValue) map[string]string {
	all := map[string]string{}
	for _, a := range attributes {
		value := fmt.Sprint(a.Value.GetIntValue())
		switch a.Value.Value.(type) {
		case *commonv1.AnyValue_StringValue:
			value = a.Value.GetStringValue()
		case *commonv1.AnyValue_BoolValue:
			value = fmt.Sprint(a.Value.GetBoolValue())
		}
		all[a.Key] = value
	}
	return all
}

// has is the value of an attribute, empty for one that is not there.
func (s span) has(name string) string { return values(s.Attributes)[name] }

// id is that of the span, or of its trace.
func (s span) id(of string) string {
	if of == "trace" {
		return hex.EncodeToString(s.TraceId)
	}
	return hex.EncodeToString(s.SpanId)
}

// find gives the spans for which a condition holds.
func (c *collector) find(condition func(span) bool) (found []span) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.spans {
		if condition(s) {
			found = append(found, s)
		}
	}
	return found
}

// one is the only span with an attribute.
func (c *collector) one(t *testing.T, name, value string) span {
	t.Helper()
	found := c.find(func(s span) bool { return s.has(name) == value })
	if len(found) != 1 {
		t.Fatalf("%d spans with %s %s: %v", len(found), name, value, found)
	}
	return found[0]
}

// below is the first span of this name that a span began, or that one of its own did.
func (c *collector) below(t *testing.T, above span, name string) span {
	t.Helper()
	family := []string{above.id("span")}
	for range c.spans {
		for _, s := range c.find(func(s span) bool { return slices.Contains(family, hex.EncodeToString(s.ParentSpanId)) }) {
			if s.Name == name {
				return s
			}
			if !slices.Contains(family, s.id("span")) {
				family = append(family, s.id("span"))
			}
		}
	}
	t.Fatalf("no %q below %v", name, above)
	return span{}
}

// tells is what came with a text in it, empty where nothing did.
func (c *collector) tells(text string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, part := range c.parts {
		for line := range strings.Lines(part) {
			if strings.Contains(line, text) {
				return line
			}
		}
	}
	return ""
}

func TestASyncIsTraced(t *testing.T) {
	t.Parallel()
	g, traces := graphtest.Start(t), collect(t)
	g.Put(graphtest.Relationship{ID: "a", Name: "Contoso support", Status: "active", Tenant: contosoID, CustomerName: "Contoso Group"})
	env := map[string]string{
		"DATABASE_URL": storetest.SQLite(t), "GRAPH_SYNC": "on", "GRAPH_URL": g.URL, "GRAPH_LOGIN_URL": g.LoginURL(), "MICROSOFT_APP_ID": graphtest.AppID,
		"MICROSOFT_APP_PASSWORD": graphtest.Password, "MICROSOFT_APP_TENANT_ID": graphtest.Tenant, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": traces.URL + "/v1/traces",
		"OTEL_EXPORTER_OTLP_HEADERS_FILE": written(t, "headers", "api-key="+strings.ReplaceAll(collectorKey, "=", "%3D")+"\n"),
	}
	if p := launch(t, env, "customers", "sync"); p.ended() != 0 {
		t.Fatal(p.err)
	}
	run := traces.one(t, "onbehalf.customers", "1")
	if run.Name != "sync" || run.has("onbehalf.added") != "1" || traces.below(t, run, "graph").has("http.response.status_code") != "200" {
		t.Errorf("%v", run)
	}
	traces.below(t, run, "transaction")
	if told := traces.tells("Contoso"); told != "" {
		t.Error(told)
	}
}

// TestACollectorThatIsAwayCostsNothing has one that refuses: the bot works on and says so
// without the address, which may hold a key.
func TestACollectorThatIsAwayCostsNothing(t *testing.T) {
	t.Parallel()
	refuses := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Error(w, "who are you?", http.StatusForbidden) }))
	defer refuses.Close()
	bot := serving(t, map[string]string{"DATABASE_URL": storetest.SQLite(t), "OTEL_EXPORTER_OTLP_ENDPOINT": refuses.URL + "/s3cret", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json", "OTEL_BSP_SCHEDULE_DELAY": "10"})
	resp, err := http.Post(bot.URL+"/api/messages", "application/json", strings.NewReader(`{"type":"installationUpdate","action":"add","id":"1","channelId":"msteams","serviceUrl":"http://127.0.0.1:1/","conversation":{"id":"a:1","conversationType":"personal"},"from":{"id":"29:1"},"recipient":{"id":"28:1"}}`))
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatal(resp, err)
	}
	_ = resp.Body.Close() // it is empty
	line := bot.err.wait(bot, func(line string) bool { return strings.Contains(line, "traces are not taken") })
	if !strings.Contains(line, "403") || strings.Contains(line, "s3cret") {
		t.Error(line)
	}
	bot.stop()
}

func TestTraceSettingsAreChecked(t *testing.T) {
	for _, c := range []struct {
		set  settings
		want string
	}{
		{settings{OTelEndpoint: "localhost:4318/s3cret"}, "OTEL_EXPORTER_OTLP_ENDPOINT is no address"},
		{settings{OTelTracesEndpoint: "https://user:s3cret@traces.example"}, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is no address"},
		{settings{OTelEndpoint: "http://localhost:4317", OTelProtocol: "grpc"}, `OTEL_EXPORTER_OTLP_PROTOCOL is "grpc"; it can be http/protobuf or http/json`},
		{settings{OTelEndpoint: "http://localhost:4318", OTelHeaders: "s3cret"}, "OTEL_EXPORTER_OTLP_HEADERS is no list"},
		{settings{OTelEndpoint: "http://localhost:4318", OTelHeaders: "api key=s3cret"}, "OTEL_EXPORTER_OTLP_HEADERS is no list"},
		{settings{OTelEndpoint: "http://localhost:4318", OTelExporter: "zipkin"}, `OTEL_TRACES_EXPORTER is "zipkin"`},
	} {
		_, err := c.set.config()
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "s3cret") || strings.Count(err.Error(), "OTEL_") != 1 {
			t.Errorf("%+v: %v", c.set, err)
		}
	}
	for _, off := range []settings{{}, {OTelExporter: "none", OTelEndpoint: "http://localhost:4318"}, {OTelDisabled: "TRUE", OTelEndpoint: "http://localhost:4318"}} {
		if c, err := off.config(); err != nil || c.Traces.URL != "" {
			t.Errorf("%+v: %+v, %v", off, c.Traces, err)
		}
	}
	if c, err := (settings{OTelExporter: "otlp"}).config(); err != nil || c.Traces.URL != "http://localhost:4318/v1/traces" {
		t.Errorf("%+v, %v", c.Traces, err)
	}
	c, err := settings{OTelEndpoint: "https://traces.example/base", OTelHeaders: "a=1,b=2", OTelTracesHeaders: " c = %20x=y , "}.config()
	if err != nil || c.Traces.URL != "https://traces.example/base/v1/traces" || len(c.Traces.Headers) != 1 || c.Traces.Headers["c"] != " x=y" {
		t.Errorf("%+v, %v", c.Traces, err)
	}
}
