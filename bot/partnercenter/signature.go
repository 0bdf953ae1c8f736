package partnercenter

import (
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
)

// The headers of a signed event.
const (
	headerSignature   = "X-Ms-Signature" // in place of Authorization, where the registration says so
	headerCertificate = "X-Ms-Certificate-Url"
	headerAlgorithm   = "X-Ms-Signature-Algorithm"
)

// scheme is what stands before a signature.
const scheme = "Signature"

// A signature of RSA has as many bytes as the key: of 2048 to 4096 bits here.
const (
	signatureLeast = 256
	signatureMost  = 512
)

// signed is what a request says about its signature. Nothing of it is true yet.
type signed struct {
	signature   []byte
	certificate string // an address
}

// signedBy reads the headers of a request. Everything is there exactly once.
func signedBy(h http.Header) (signed, error) {
	var s signed
	signature, err := signatureText(h)
	if err != nil {
		return s, err
	}
	if s.signature, err = base64.StdEncoding.Strict().DecodeString(signature); err != nil || strings.ContainsAny(signature, "\r\n") {
		return s, errors.New("the signature is not base64")
	}
	if len(s.signature) < signatureLeast || len(s.signature) > signatureMost {
		return s, errors.New("the signature has no length of RSA with 2048 to 4096 bits")
	}
	if algorithm, err := once(h, headerAlgorithm); err != nil || !strings.EqualFold(algorithm, "rsa-sha256") {
		return s, errors.New("the algorithm of the signature is not rsa-sha256")
	}
	if s.certificate, err = once(h, headerCertificate); err != nil {
		return s, err
	}
	return s, nil
}

// signatureText is the one signature of a request, in one header or the other. Where both
// have one it is the same.
func signatureText(h http.Header) (string, error) {
	var found []string
	for _, value := range h.Values("Authorization") {
		if text, ok := withScheme(value); ok {
			found = append(found, text)
		}
	}
	for _, value := range h.Values(headerSignature) {
		text, ok := withScheme(value)
		if !ok {
			text = strings.TrimSpace(value)
		}
		found = append(found, text)
	}
	switch {
	case len(found) == 0:
		return "", errors.New("there is no signature")
	case len(found) > 2 || len(found) == 2 && found[0] != found[1]:
		return "", errors.New("there is more than one signature")
	}
	return found[0], nil
}

// withScheme takes the scheme off a header, in any letter case.
func withScheme(value string) (string, bool) {
	head, rest, ok := strings.Cut(strings.TrimSpace(value), " ")
	return strings.TrimSpace(rest), ok && strings.EqualFold(head, scheme)
}

func once(h http.Header, name string) (string, error) {
	if values := h.Values(name); len(values) == 1 {
		return strings.TrimSpace(values[0]), nil
	}
	return "", errors.New("the header " + name + " is not there once")
}
