package main

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// keyPair is the certificate that the endpoint serves TLS with. Its files are read again
// when they change; while they cannot be read, or do not fit each other because one was
// replaced before the other, the last pair is served.
type keyPair struct {
	certFile, keyFile string
	log               *slog.Logger // set before it is served

	mu     sync.Mutex
	read   [2]stamp // of the files that were last looked into
	served *tls.Certificate
}

// stamp tells versions of a file apart.
type stamp struct {
	changed time.Time
	size    int64
}

// stampOf is zero for a file that is not there.
func stampOf(path string) stamp {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{}
	}
	return stamp{info.ModTime(), info.Size()}
}

// openKeyPair reads the files for the first time. The error names the setting and holds
// nothing of the key.
func openKeyPair(certFile, keyFile string) (*keyPair, error) {
	k := &keyPair{certFile: certFile, keyFile: keyFile}
	if err := k.load(); err != nil {
		return nil, fmt.Errorf("TLS_CERT_FILE, TLS_KEY_FILE: %w", err)
	}
	return k, nil
}

// certificate is asked for with each connection.
func (k *keyPair) certificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if now := [2]stamp{stampOf(k.certFile), stampOf(k.keyFile)}; now != k.read {
		if err := k.load(); err != nil {
			k.log.Error("TLS certificate cannot be read, the last one is served", "err", err)
		} else {
			k.log.Info("TLS certificate was read again", "ends", dateOf(k.served.Leaf.NotAfter))
		}
		k.read = now // what is broken is told once
	}
	return k.served, nil
}

func (k *keyPair) load() error {
	k.read = [2]stamp{stampOf(k.certFile), stampOf(k.keyFile)}
	pair, err := tls.LoadX509KeyPair(k.certFile, k.keyFile)
	if err != nil {
		return err
	}
	k.served = &pair
	return nil
}

// config serves TLS 1.2 and newer.
func (k *keyPair) config() *tls.Config {
	return &tls.Config{GetCertificate: k.certificate, MinVersion: tls.VersionTLS12}
}
