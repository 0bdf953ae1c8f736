package partnercenter

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"onbehalf/bot/teams"
)

// fetch gets a certificate with the issuers that lead to a root, and looks whether it was
// revoked.
func (c *Certificates) fetch(ctx context.Context, address string) (*certificate, error) {
	leaf, err := c.get(ctx, address)
	if err != nil {
		return nil, fmt.Errorf("fetch the certificate: %w", err)
	}
	cert := &certificate{leaf: leaf}
	last := leaf
	for range chainMost {
		var unknown x509.UnknownAuthorityError
		if _, err := c.chain(cert); !errors.As(err, &unknown) {
			break
		}
		issuer, err := c.issuerOf(ctx, last)
		if err != nil {
			return nil, fmt.Errorf("the certificate does not count: %w", err)
		}
		cert.issuers = append(cert.issuers, issuer)
		last = issuer
	}
	chain, err := c.chain(cert)
	if err != nil {
		return nil, fmt.Errorf("the certificate does not count: %w", err)
	}
	if len(chain) > 1 {
		if err := c.revoked(ctx, leaf, chain[1]); err != nil {
			return nil, err
		}
	}
	return cert, nil
}

// issuerOf gets the certificate of an issuer, from where the one that it issued says, if
// Microsoft or the configuration has that host. It proves itself by its signature.
func (c *Certificates) issuerOf(ctx context.Context, issued *x509.Certificate) (*x509.Certificate, error) {
	for _, address := range issued.IssuingCertificateURL {
		if !c.mayAsk(address) {
			continue
		}
		issuer, err := c.get(ctx, address)
		if err == nil {
			err = issued.CheckSignatureFrom(issuer)
		}
		if err != nil {
			return nil, fmt.Errorf("fetch its issuer: %w", err)
		}
		return issuer, nil
	}
	return nil, errors.New("it leads to no root that is trusted, and names no issuer at Microsoft")
}

// revoked is an error for a certificate that its issuer has taken back. Where the list
// cannot be had, that is only said in the log.
func (c *Certificates) revoked(ctx context.Context, leaf, issuer *x509.Certificate) error {
	for _, address := range leaf.CRLDistributionPoints {
		if !c.mayAsk(address) {
			continue
		}
		list, err := c.revocations(ctx, address, issuer)
		if err != nil {
			c.log().WarnContext(ctx, "the list of revoked certificates cannot be read", "err", err)
			continue
		}
		if slices.ContainsFunc(list.RevokedCertificateEntries, func(e x509.RevocationListEntry) bool { return e.SerialNumber.Cmp(leaf.SerialNumber) == 0 }) {
			return errRevoked
		}
		return nil
	}
	return nil
}

func (c *Certificates) revocations(ctx context.Context, address string, issuer *x509.Certificate) (*x509.RevocationList, error) {
	body, err := c.download(ctx, address, revocationLimit)
	if err != nil {
		return nil, err
	}
	list, err := x509.ParseRevocationList(body)
	if err != nil {
		return nil, err
	}
	return list, list.CheckSignatureFrom(issuer)
}

// mayAsk says whether an issuer's address, or one of revoked certificates, is Microsoft's
// or configured. Authorities publish both by http, and both are signed.
func (c *Certificates) mayAsk(address string) bool {
	at, err := url.Parse(address)
	if err != nil || at.Opaque != "" || at.User != nil || at.Scheme != "http" && at.Scheme != "https" {
		return false
	}
	host := hostOf(at)
	return host == "microsoft.com" || strings.HasSuffix(host, ".microsoft.com") || slices.Contains(c.Hosts, host)
}

// get reads one certificate, in DER or PEM.
func (c *Certificates) get(ctx context.Context, address string) (*x509.Certificate, error) {
	body, err := c.download(ctx, address, certificateLimit)
	if err != nil {
		return nil, err
	}
	if block, rest := pem.Decode(body); block != nil {
		if block.Type != "CERTIFICATE" || len(bytes.TrimSpace(rest)) > 0 {
			return nil, errors.New("what is there is not one certificate")
		}
		body = block.Bytes
	}
	cert, err := x509.ParseCertificate(body)
	if err != nil {
		return nil, errors.New("what is there is not one certificate")
	}
	return cert, nil
}

func (c *Certificates) download(ctx context.Context, address string, limit int64) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "onbehalf")
	resp, err := c.client().Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answered %d", req.URL.Host, resp.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err == nil && int64(len(body)) > limit {
		err = fmt.Errorf("%s has more than %d bytes there", req.URL.Host, limit)
	}
	return body, err
}

func (c *Certificates) client() *http.Client {
	if c.Client != nil {
		return c.Client
	}
	return standard
}

// standard follows no redirect.
var standard = teams.NewClient()
