package bot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"regexp"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/mux"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/trace"

	"onbehalf/bot/outbox"
	"onbehalf/bot/teams"
)

const (
	// bodyLimit is the most that a request may bring.
	bodyLimit = 256 << 10
	// lookupLimit and keepLimit bound one question to the connector, and what is
	// kept after the turn's own time is over.
	lookupLimit = 3 * time.Second
	keepLimit   = 2 * time.Second
	// drainLimit is how long turns in hand may take once the bot shall stop.
	drainLimit = 10 * time.Second
)

// Server is the endpoint. Its fields are set once, before Routes is called.
type Server struct {
	Handler   Handler
	Store     Store
	Connector Connector
	// Verifier checks the channel's tokens. Nil is a bot without a registration: it
	// serves this machine alone.
	Verifier *teams.Verifier
	// Hosts are the services that the bot may talk to.
	Hosts teams.Hosts
	// Tenants are the partner's tenants, in lower case.
	Tenants []string
	// Chat is the address of a person's own chat with the bot in Teams, to which the
	// links to requests lead.
	Chat string
	// Deliver sends what a turn has left, once its answer is on its way. It does not
	// wait for it.
	Deliver func(ctx context.Context, leases []outbox.Lease)
	// React puts a reaction on a message, without waiting for it; nil puts none.
	React func(ctx context.Context, ref teams.Ref, activityID, reaction string)
	// Events takes what Partner Center posts; nil where that is switched off.
	Events Events
	// Shares keep one sender from taking what is others'; nil limits nobody.
	Shares  *Shares
	Metrics *Metrics
	// Gatherer has what /metrics shows.
	Gatherer prometheus.Gatherer
	Log      *slog.Logger     // nil is the default logger
	Now      func() time.Time // nil is time.Now

	links    linkLimit
	stopping atomic.Bool
	health   health
}

// Routes are the bot's own: the endpoint, the links to requests, Partner Center's events
// where they are taken, and the two health checks. With admin
// the metrics are among them, and readiness says its reasons.
func (s *Server) Routes(admin bool) http.Handler {
	r := mux.NewRouter()
	r.HandleFunc("/api/messages", s.messages).Methods(http.MethodPost)
	if s.Events != nil {
		r.HandleFunc("/partner-center/events", s.partnerEvent).Methods(http.MethodPost)
	}
	r.HandleFunc("/t/{number}", s.link).Methods(http.MethodGet, http.MethodHead)
	s.operators(r, admin)
	return r
}

// AdminRoutes are what the operator's own address serves.
func (s *Server) AdminRoutes() http.Handler {
	r := mux.NewRouter()
	s.operators(r, true)
	return r
}

// operators are the routes that an operator asks.
func (s *Server) operators(r *mux.Router, admin bool) {
	r.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }).Methods(http.MethodGet, http.MethodHead)
	r.HandleFunc("/readyz", func(w http.ResponseWriter, r *http.Request) { s.ready(w, r, admin) }).Methods(http.MethodGet, http.MethodHead)
	if admin && s.Gatherer != nil {
		r.Handle("/metrics", promhttp.HandlerFor(s.Gatherer, promhttp.HandlerOpts{})).Methods(http.MethodGet, http.MethodHead)
	}
}

// ready says whether a turn can be taken. The database is asked once a second at most,
// however often somebody looks.
func (s *Server) ready(w http.ResponseWriter, r *http.Request, reasons bool) {
	reason := ""
	if s.stopping.Load() {
		reason = "the bot is stopping"
	} else if err := s.health.look(func() error { return s.takesTurns(r.Context()) }); err != nil {
		reason = err.Error()
	}
	if reason == "" {
		w.WriteHeader(http.StatusOK)
		return
	}
	w.WriteHeader(http.StatusServiceUnavailable)
	if reasons {
		_, _ = io.WriteString(w, reason+"\n") // the reader went away
	}
}

func (s *Server) takesTurns(ctx context.Context) error {
	if s.Verifier != nil && !s.Verifier.Ready() {
		return errors.New("no signing keys were loaded yet")
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepLimit)
	defer cancel()
	if err := s.Store.Ping(ctx); err != nil {
		return fmt.Errorf("the database cannot be used: %w", err)
	}
	return nil
}

// health is what was last found out about the bot.
type health struct {
	mu  sync.Mutex
	at  time.Time
	err error
}

// healthLife is how long that is believed.
const healthLife = time.Second

func (h *health) look(ask func() error) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if now := time.Now(); h.at.IsZero() || now.Sub(h.at) > healthLife {
		h.err = ask()
		h.at = time.Now()
	}
	return h.err
}

// Serve answers requests on l until ctx ends; then it takes no more, and returns
// when the turns in hand have ended.
func (s *Server) Serve(ctx context.Context, l net.Listener, routes http.Handler) error {
	web := &http.Server{
		Handler: routes, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second,
		WriteTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
		ErrorLog: slog.NewLogLogger(s.log().Handler(), slog.LevelDebug),
	}
	ended := make(chan error, 1)
	go func() { ended <- web.Serve(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	s.stopping.Store(true)
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainLimit)
	defer cancel()
	if err := web.Shutdown(drain); err != nil {
		return err
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// messages is the story of one request. Whatever it says to somebody who may
// not speak, it says by the status alone; the reason stands in the log.
func (s *Server) messages(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	a, done := s.takeSafely(r)
	kind := "none"
	if a != nil {
		kind = knownType(a.Type)
	}
	took := time.Since(began)
	s.Metrics.turn(kind, strconv.Itoa(done.Status), took)
	if done.reference != "" {
		s.logTurn(r.Context(), a, done, took)
	}
	if len(done.Body) > 0 {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
	}
	if done.retryAfter != "" {
		w.Header().Set("Retry-After", done.retryAfter)
	}
	w.WriteHeader(done.Status)
	_, _ = w.Write(done.Body) // a client that went away delivers again
	if len(done.leases) > 0 && s.Deliver != nil {
		s.Deliver(trace.ContextWithSpanContext(r.Context(), done.span), done.leases)
	}
}

// logTurn leaves one line for each turn, with the reference that the person sees where it
// failed. What people typed or chose is not in it.
func (s *Server) logTurn(ctx context.Context, a *teams.Activity, done outcome, took time.Duration) {
	attributes := []slog.Attr{
		slog.String("reference", done.reference), slog.String("type", knownType(a.Type)), slog.Int("status", done.Status),
		slog.Float64("took_ms", float64(took.Microseconds())/1000), slog.Int("messages", len(done.leases)), slog.String("activity", a.ID),
		slog.String("person", personOf(a.From).ID), slog.String("conversation", a.Conversation.ConversationType),
	}
	if a.Type == teams.TypeInvoke {
		attributes = append(attributes, slog.String("invoke", a.Name))
	}
	if verb := verbOf(a); verb != "" {
		attributes = append(attributes, slog.String("verb", verb))
	}
	if done.span.IsSampled() {
		attributes = append(attributes, slog.String("trace", done.span.TraceID().String()))
	}
	s.log().LogAttrs(ctx, slog.LevelInfo, "turn", attributes...)
}

// verbOf is the verb of a press, empty for anything else.
func verbOf(a *teams.Activity) string {
	if !a.IsCardAction() {
		return ""
	}
	press, err := a.CardAction()
	if err != nil || !verb.MatchString(press.Verb) {
		return ""
	}
	return press.Verb
}

// verb is the shape of the bot's own verbs: what a forged press brings along stays out of
// the log.
var verb = regexp.MustCompile(`^[a-z]{1,20}/[a-z]{1,20}$`)

// takeSafely makes a status of a panic outside of the turn itself.
func (s *Server) takeSafely(r *http.Request) (a *teams.Activity, done outcome) {
	defer func() {
		if p := recover(); p != nil {
			s.log().ErrorContext(r.Context(), "request failed", "panic", p, "stack", string(debug.Stack()))
			done = status(http.StatusInternalServerError)
		}
	}()
	return s.take(r)
}

// take reads and judges a request, and runs what is to be run. The activity is
// nil when the request holds none that may be believed.
func (s *Server) take(r *http.Request) (*teams.Activity, outcome) {
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return nil, s.refuse(r, http.StatusUnsupportedMediaType, "body is not JSON")
	}
	claims, err := s.authenticate(r)
	if err != nil {
		return nil, s.refuseStranger(r, err)
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, bodyLimit))
	var tooBig *http.MaxBytesError
	if errors.As(err, &tooBig) {
		return nil, s.refuse(r, http.StatusRequestEntityTooLarge, "body is too large")
	}
	if err != nil {
		return nil, s.refuse(r, http.StatusBadRequest, "body cannot be read")
	}
	a, err := teams.Decode(body)
	if err != nil {
		return nil, s.refuse(r, http.StatusBadRequest, "body is no activity")
	}
	if claims != nil {
		if err := claims.Match(a); err != nil {
			return nil, s.refuseFor(r, err)
		}
	}
	if err := s.Hosts.Allowed(a.ServiceURL); err != nil {
		return nil, s.refuseFor(r, err)
	}
	if code, reason := s.admit(a); reason != "" {
		return a, s.refuse(r, code, reason)
	}
	return a, s.dispatch(r.Context(), a)
}

// authenticate checks what can be checked before the body is read. Without a
// registration that is that the caller is on this machine, and no tunnel stands
// in between.
func (s *Server) authenticate(r *http.Request) (*teams.Claims, error) {
	if s.Verifier != nil {
		return s.Verifier.Verify(r.Context(), r.Header.Values("Authorization"))
	}
	forbidden := func(reason string) error {
		return &teams.AuthError{Status: http.StatusForbidden, Reason: reason}
	}
	if !teams.IsLoopbackHostPort(r.RemoteAddr) || !teams.IsLoopbackHostPort(r.Host) {
		return nil, forbidden("without an app id only this machine is served")
	}
	for name := range r.Header {
		if name == "Forwarded" || name == "Via" || strings.HasPrefix(name, "X-Forwarded-") {
			return nil, forbidden("without an app id no proxy or tunnel may stand in between")
		}
	}
	return nil, nil
}

// admit checks the conversation's tenant: every one that the activity names must
// be the partner's, and what can show or change something must name one. The
// reason is empty when the activity may come in.
func (s *Server) admit(a *teams.Activity) (code int, reason string) {
	if s.Verifier == nil {
		return 0, ""
	}
	tenants := a.TenantIDs()
	for _, id := range tenants {
		if !slices.Contains(s.Tenants, id) {
			return http.StatusForbidden, "tenant is not the partner's"
		}
	}
	switch {
	case len(tenants) > 0:
		return 0, ""
	case a.Type == teams.TypeMessage || a.Type == teams.TypeInvoke:
		return http.StatusForbidden, "activity names no tenant"
	}
	return http.StatusOK, "event names no tenant"
}

func (s *Server) refuse(r *http.Request, code int, reason string) outcome {
	s.log().InfoContext(r.Context(), "request refused", "status", code, "reason", reason, "remote", r.RemoteAddr)
	return status(code)
}

func (s *Server) refuseFor(r *http.Request, err error) outcome {
	code := http.StatusUnauthorized
	if refused := (*teams.AuthError)(nil); errors.As(err, &refused) {
		code = refused.Status
	}
	return s.refuse(r, code, err.Error())
}

func (s *Server) log() *slog.Logger {
	if s.Log != nil {
		return s.Log
	}
	return slog.Default()
}

func (s *Server) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

// knownType keeps what strangers invent out of the metrics.
func knownType(t string) string {
	switch t {
	case teams.TypeMessage, teams.TypeInvoke, teams.TypeConversationUpdate, teams.TypeInstallationUpdate,
		teams.TypeMessageUpdate, teams.TypeMessageDelete, teams.TypeMessageReaction, teams.TypeEvent, teams.TypeTyping:
		return t
	}
	return "other"
}
