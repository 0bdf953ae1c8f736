package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
)

// The registration of the bot, and the partner's tenant.
const (
	appID     = "4f1d2a6e-7b0c-4d5e-9a43-0c5b6f2d8e11"
	botID     = "28:" + appID
	tenant    = "7d0b2f3e-6f0f-4a6d-8f3c-2c1b9a7e4d55"
	issuer    = "https://api.botframework.com"
	scope     = issuer + "/.default"
	keyID     = "load"
	botsToken = "bot-token"
)

// fakeTeams is the Teams of a load: it signs real tokens, and takes everything
// that a registered bot sends with as little work as it can. What strict Teams
// refuse is teamstest's to know; a record of everything, as that keeps, would be
// most of the work here.
type fakeTeams struct {
	people []*person

	key    *rsa.PrivateKey
	base   string
	server *http.Server
	byID   map[string]*person // 29: ids, object ids and chats; never written once it serves
	last   atomic.Int64       // id of an activity
	sent   atomic.Int64       // requests to the connector
}

// person is somebody with a chat of their own with the bot.
type person struct {
	id, object, name, mail, chat string

	inbox chan message // new messages of the bot in the chat
}

// message is one that the bot sent, as it came.
type message struct {
	id   string
	body []byte
}

func newFakeTeams(people int) (*fakeTeams, error) {
	t := &fakeTeams{byID: map[string]*person{}}
	t.last.Store(1795400000000)
	for i := range people {
		name := fmt.Sprintf("Person %04d", i)
		object := uuid.NewSHA1(uuid.NameSpaceURL, []byte(name)).String()
		p := &person{
			id: "29:1" + strings.ReplaceAll(object, "-", ""), object: object, name: name, mail: fmt.Sprintf("person.%04d@nordwind.example", i),
			chat: "a:1" + object, inbox: make(chan message, 64),
		}
		t.people = append(t.people, p)
		t.byID[p.id], t.byID[p.object], t.byID[p.chat] = p, p, p
	}
	var err error
	if t.key, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		return nil, err
	}
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	t.base = "http://" + l.Addr().String()
	t.server = &http.Server{Handler: t.routes(), ReadHeaderTimeout: time.Minute}
	go func() { _ = t.server.Serve(l) }() // ends with close
	return t, nil
}

func (t *fakeTeams) close() { _ = t.server.Close() } // its clients have ended

func (t *fakeTeams) metadataURL() string { return t.base + "/metadata" }

// environment registers a bot here, and lifts the limit of a tenant, as the load
// is of one.
func (t *fakeTeams) environment() []string {
	return []string{
		"MICROSOFT_APP_ID=" + appID, "MICROSOFT_APP_PASSWORD=fake", "MICROSOFT_APP_TENANT_ID=" + tenant,
		"TO_BOT_FROM_CHANNEL_OPENID_METADATA_URL=" + t.metadataURL(), "TO_BOT_FROM_CHANNEL_TOKEN_ISSUER=" + issuer,
		"TO_CHANNEL_FROM_BOT_LOGIN_URL=" + t.base + "/token", "TO_CHANNEL_FROM_BOT_OAUTH_SCOPE=" + scope,
		"TRUSTED_SERVICE_HOSTS=" + strings.TrimPrefix(t.base, "http://"), "TEAMS_TENANT_RATE=0",
	}
}

// token signs one of the channel's tokens. Teams uses each for many requests
// too; signing costs far more than the check.
func (t *fakeTeams) token() (string, error) {
	now := time.Now()
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims{
		"iss": issuer, "aud": appID, "serviceurl": t.serviceURL(), "jti": uuid.NewString(),
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(4 * time.Hour).Unix(),
	})
	token.Header["kid"] = keyID
	return token.SignedString(t.key)
}

func (t *fakeTeams) serviceURL() string { return t.base + "/emea/" }

// nextID is the id of a new activity.
func (t *fakeTeams) nextID() string { return fmt.Sprint(t.last.Add(1)) }

func (t *fakeTeams) routes() http.Handler {
	encode := base64.RawURLEncoding.EncodeToString
	metadata := fmt.Sprintf(`{"issuer":%q,"jwks_uri":"%s/keys","id_token_signing_alg_values_supported":["RS256"]}`, issuer, t.base)
	keys := fmt.Sprintf(`{"keys":[{"kty":"RSA","use":"sig","kid":%q,"n":%q,"e":%q,"endorsements":["msteams"]}]}`,
		keyID, encode(t.key.N.Bytes()), encode(big.NewInt(int64(t.key.E)).Bytes()))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metadata", says(metadata))
	mux.HandleFunc("GET /keys", says(keys))
	mux.HandleFunc("POST /token", says(fmt.Sprintf(`{"token_type":"Bearer","expires_in":14400,"access_token":%q}`, botsToken)))

	const chat = "/emea/v3/conversations/{chat}"
	mux.HandleFunc("POST "+chat+"/activities", t.call(t.send))
	mux.HandleFunc("POST "+chat+"/activities/{activity}", t.call(t.send))
	mux.HandleFunc("PUT "+chat+"/activities/{activity}", t.call(t.change))
	mux.HandleFunc("DELETE "+chat+"/activities/{activity}", t.call(t.change))
	mux.HandleFunc("GET "+chat+"/members/{member}", t.call(t.member))
	mux.HandleFunc("GET "+chat+"/pagedmembers", t.call(t.members))
	return mux
}

func says(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) } // the bot reads or has gone
}

// call finds whose chat a request is about, and answers it.
func (t *fakeTeams) call(answer func(*person, *http.Request) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		t.sent.Add(1)
		who := t.byID[r.PathValue("chat")]
		body := ""
		if who != nil {
			body = answer(who, r)
		}
		switch {
		case r.Header.Get("Authorization") != "Bearer "+botsToken:
			w.WriteHeader(http.StatusUnauthorized)
		case body == "":
			w.WriteHeader(http.StatusNotFound)
		default:
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
			_, _ = io.WriteString(w, body) // the bot reads or has gone
		}
	}
}

// send puts a message into the inbox; a full one belongs to somebody who waits
// for nothing.
func (t *fakeTeams) send(who *person, r *http.Request) string {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return ""
	}
	m := message{t.nextID(), body}
	select {
	case who.inbox <- m:
	default:
	}
	return fmt.Sprintf(`{"id":%q}`, m.id)
}

func (t *fakeTeams) change(_ *person, r *http.Request) string {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return ""
	}
	return fmt.Sprintf(`{"id":%q}`, r.PathValue("activity"))
}

func (t *fakeTeams) member(_ *person, r *http.Request) string {
	if who := t.byID[r.PathValue("member")]; who != nil {
		return who.json()
	}
	return ""
}

func (t *fakeTeams) members(who *person, _ *http.Request) string {
	return `{"members":[` + who.json() + `]}`
}

func (p *person) json() string {
	return fmt.Sprintf(`{"id":%q,"name":%q,"objectId":%q,"email":%q,"userPrincipalName":%q,"tenantId":%q,"userRole":"user"}`,
		p.id, p.name, p.object, p.mail, p.mail, tenant)
}

// quiet waits until the bot has sent nothing for so long, and gives the instant
// of its last request; it gives up after half a minute.
func (t *fakeTeams) quiet(ctx context.Context, lasting time.Duration) time.Time {
	since, seen, until := time.Now(), t.sent.Load(), time.Now().Add(30*time.Second)
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for time.Since(since) < lasting && time.Now().Before(until) && ctx.Err() == nil {
		<-look.C
		if now := t.sent.Load(); now != seen {
			since, seen = time.Now(), now
		}
	}
	return since
}
