package store

import (
	"context"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

var tracer = otel.Tracer("onbehalf/bot/store")

// span begins a span of the database, where something bigger is traced: what looks into
// the database by itself all the time, such as the outbox, would leave nothing but noise.
func (s *Store) span(ctx context.Context, name string) (context.Context, trace.Span) {
	if !trace.SpanContextFromContext(ctx).IsSampled() {
		return ctx, trace.SpanFromContext(context.Background())
	}
	system := "sqlite"
	if s.postgres {
		system = "postgresql"
	}
	return tracer.Start(ctx, name, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attribute.String("db.system.name", system)))
}

// endSpan ends the span of one statement. What the database says may tell of people, so it
// is not in it.
func endSpan(span trace.Span, err error) {
	if err != nil {
		span.SetStatus(codes.Error, "")
	}
	span.End()
}

// work counts what a transaction does, for its span.
type work struct {
	span              trace.Span
	statements, trips int
}

// beginWork begins the span of a transaction.
func (s *Store) beginWork(ctx context.Context) work {
	_, span := s.span(ctx, "transaction")
	return work{span: span}
}

// did counts statements that made one trip to the database.
func (w *work) did(statements int) {
	w.statements += statements
	w.trips++
}

// end ends the span; kept says that the transaction was committed.
func (w *work) end(kept bool) {
	w.span.SetAttributes(attribute.Int("onbehalf.statements", w.statements), attribute.Int("onbehalf.trips", w.trips), attribute.Bool("onbehalf.kept", kept))
	w.span.End()
}
