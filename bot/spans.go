package bot

import (
	"net/http"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"onbehalf/bot/teams"
)

var tracer = otel.Tracer("onbehalf/bot")

// endTurn ends the span of a turn with what its line in the log says too: what kind of
// turn it was, what came of it, and the reference by which both are found. People and
// what they typed are in no span, nor are errors, which may tell of them.
func endTurn(span trace.Span, a *teams.Activity, done outcome) {
	defer span.End()
	if !span.IsRecording() {
		return
	}
	kind := knownType(a.Type)
	attributes := []attribute.KeyValue{
		attribute.String("onbehalf.reference", done.reference), attribute.String("onbehalf.type", kind),
		attribute.Int("http.response.status_code", done.Status), attribute.Int("onbehalf.messages", len(done.leases)),
	}
	if a.Type == teams.TypeInvoke {
		kind = a.Name // one that is known, or there would be no turn
		attributes = append(attributes, attribute.String("onbehalf.invoke", a.Name))
	}
	if verb := verbOf(a); verb != "" {
		attributes = append(attributes, attribute.String("onbehalf.verb", verb))
	}
	span.SetName("turn " + kind)
	span.SetAttributes(attributes...)
	if done.Status >= http.StatusInternalServerError {
		span.SetStatus(codes.Error, "")
	}
}
