package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"runtime/debug"
	"strings"
	"time"

	"github.com/go-logr/logr"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// Traces is where spans go, as OpenTelemetry's own variables say; the libraries look at
// the rest of them, such as OTEL_TRACES_SAMPLER, themselves.
// (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/)
type Traces struct {
	URL     string // empty is nowhere
	JSON    bool   // in the place of protobuf
	Headers map[string]string
}

// traces settles where spans go. What is wrong is told without the values: the path of an
// address and the headers may be secrets.
func (s settings) traces(c *Config) (problems []error) {
	problem := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	switch strings.ToLower(s.OTelExporter) {
	case "", "otlp":
	case "none":
		return nil
	default:
		problem("OTEL_TRACES_EXPORTER is %q; it can be otlp or none", s.OTelExporter)
	}
	name, address := "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", s.OTelTracesEndpoint
	if address == "" && s.OTelEndpoint != "" {
		name, address = "OTEL_EXPORTER_OTLP_ENDPOINT", strings.TrimRight(s.OTelEndpoint, "/")+"/v1/traces"
	}
	if address == "" && s.OTelExporter != "" {
		name, address = "OTEL_TRACES_EXPORTER", "http://localhost:4318/v1/traces" // as the specification says
	}
	if address == "" || strings.EqualFold(s.OTelDisabled, "true") {
		return problems
	}
	if at, err := url.Parse(address); err != nil || at.Scheme != "http" && at.Scheme != "https" || at.Host == "" || at.User != nil || at.RawQuery != "" {
		problem("%s is no address such as http://localhost:4318", name)
	}
	switch protocol := cmp.Or(s.OTelTracesProtocol, s.OTelProtocol); protocol {
	case "", "http/protobuf":
	case "http/json":
		c.Traces.JSON = true
	default:
		problem("OTEL_EXPORTER_OTLP_PROTOCOL is %q; it can be http/protobuf or http/json, at port 4318 of a collector", protocol)
	}
	headers, ok := traceHeaders(cmp.Or(s.OTelTracesHeaders, s.OTelHeaders))
	if !ok {
		problem("OTEL_EXPORTER_OTLP_HEADERS is no list such as api-key=KEY,other=VALUE")
	}
	c.Traces.URL, c.Traces.Headers = address, headers
	return problems
}

// traceHeaders reads a list of headers, each "name=value" with the value encoded as in an
// address.
func traceHeaders(text string) (headers map[string]string, ok bool) {
	headers = map[string]string{}
	for part := range strings.SplitSeq(text, ",") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		name, value, found := strings.Cut(part, "=")
		value, err := url.PathUnescape(strings.TrimSpace(value))
		if name = strings.TrimSpace(name); !found || err != nil || !headerName.MatchString(name) {
			return nil, false
		}
		headers[name] = value
	}
	return headers, true
}

// headerName is a name as HTTP allows it (RFC 9110 5.6.2).
var headerName = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")

// flushLimit is how long the last spans may take once the program ends.
const flushLimit = 5 * time.Second

// start makes spans go where they are wanted, for the whole process, and returns what
// sends the last of them. A collector that is away costs a line in the log and no turn.
func (t Traces) start(ctx context.Context, log *slog.Logger) (stop func(), err error) {
	if t.URL == "" {
		return func() {}, nil
	}
	otel.SetLogger(logr.Discard()) // it would tell headers that it cannot read
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		log.Warn("traces are not taken", "err", withoutAddresses(err))
	}))
	options := []otlptracehttp.Option{otlptracehttp.WithEndpointURL(t.URL), otlptracehttp.WithHeaders(t.Headers)}
	if t.JSON {
		options = append(options, otlptracehttp.WithEncoding(otlptracehttp.EncodingJSON))
	}
	exporter, err := otlptracehttp.New(ctx, options...)
	if err != nil {
		return nil, fmt.Errorf("traces by OTEL_EXPORTER_OTLP_ENDPOINT: %s", withoutAddresses(err))
	}
	// The environment comes last: OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win.
	from, err := resource.New(ctx, resource.WithTelemetrySDK(), resource.WithHost(),
		resource.WithAttributes(attribute.String("service.name", "onbehalf"), attribute.String("service.version", thisVersion(debug.ReadBuildInfo()).version)), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(from))
	otel.SetTracerProvider(provider)
	return func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushLimit)
		defer cancel()
		if err := provider.Shutdown(ctx); err != nil {
			log.Warn("the last traces were not taken", "err", withoutAddresses(err))
		}
	}, nil
}

var webAddress = regexp.MustCompile(`\bhttps?://[^\s"]+`)

// withoutAddresses says what an error says in one line, without the collector's address.
func withoutAddresses(err error) string {
	text := oneLine(webAddress.ReplaceAllString(err.Error(), "the collector"))
	if most := 300; len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}
