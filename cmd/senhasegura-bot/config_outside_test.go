package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"
)

func TestRedisURLs(t *testing.T) {
	for _, url := range []string{"redis://h", "rediss://bot:p%40ss@h:1/3", "redis://:p@[::1]:7/",
		"redis+sentinel://a,b:2/1?master=m", "redis+cluster://u:p@a:1,b:2", "memory://"} {
		if got := mustLoad(t, with("REDIS_URL="+url), nil, Flags{}).RedisURL.Value(); got != url {
			t.Errorf("%s became %s", url, got)
		}
	}
}

func TestFaultsOfRedisURLs(t *testing.T) {
	for _, url := range []string{"localhost:6379", "http://h", "memory://x", "redis", "redis://", "redis://a,b", "redis://h:0", "redis://h:x",
		"redis+cluster://a,,b", "redis://h/x", "redis://h/-1", "redis+cluster://a/1", "redis+sentinel://a", "redis+sentinel://a?master=",
		"redis+sentinel://a?master=m&hush=1", "redis://h?hush=1", "redis://hush@h", "redis://u:hush%zz@h", "redis://u:hush@h:x"} {
		_, faults := Load(with("REDIS_URL="+url), nil, Flags{})
		if len(faults) != 1 || !strings.HasPrefix(faults[0].String(), "REDIS_URL cannot be used: ") {
			t.Errorf("%s: %v", url, faults)
		}
		if strings.Contains(faultStrings(faults)[0], ":hush") || strings.Contains(faultStrings(faults)[0], "//hush") {
			t.Errorf("a password is printed: %v", faults)
		}
	}
}

// certificate makes a self-signed certificate and its key, in PEM.
func certificate(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, b []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}))
	}
	return block("CERTIFICATE", der), block("PRIVATE KEY", secret)
}

func TestTLSFiles(t *testing.T) {
	cert, key := certificate(t)
	_, other := certificate(t)
	f := files{"/cert": cert, "/key": key, "/other": other, "/hush": "hush"}
	c := mustLoad(t, with("SENHASEGURA_CA_FILE=/cert", "SENHASEGURA_CLIENT_CERT_FILE=/cert", "SENHASEGURA_CLIENT_KEY_FILE=/key"), f, Flags{})
	if c.SenhaseguraTLS.RootCAs == nil || len(c.SenhaseguraTLS.Certificates) != 1 {
		t.Error("the files are not used")
	}
	const apart = "SENHASEGURA_CLIENT_CERT_FILE and SENHASEGURA_CLIENT_KEY_FILE must name a certificate and its key in PEM: these do not belong together"
	checkFaults(t, f, Flags{}, []faultCase{
		{"no such CA", []string{"SENHASEGURA_CA_FILE=/none"}, []string{"SENHASEGURA_CA_FILE cannot be read (/none): file does not exist"}},
		{"no certificates", []string{"SENHASEGURA_CA_FILE=/key"}, []string{"SENHASEGURA_CA_FILE must name a file with certificates in PEM: /key holds none"}},
		{"certificate alone", []string{"SENHASEGURA_CLIENT_CERT_FILE=/cert"}, []string{"SENHASEGURA_CLIENT_KEY_FILE is missing: the client certificate needs its key"}},
		{"key alone", []string{"SENHASEGURA_CLIENT_KEY_FILE=/key"}, []string{"SENHASEGURA_CLIENT_CERT_FILE is missing: the client key needs its certificate"}},
		{"another's key", []string{"SENHASEGURA_CLIENT_CERT_FILE=/cert", "SENHASEGURA_CLIENT_KEY_FILE=/other"}, []string{apart}},
		{"neither there", []string{"SENHASEGURA_CLIENT_CERT_FILE=/a", "SENHASEGURA_CLIENT_KEY_FILE=/b"}, []string{
			"SENHASEGURA_CLIENT_CERT_FILE cannot be read (/a): file does not exist", "SENHASEGURA_CLIENT_KEY_FILE cannot be read (/b): file does not exist"}},
	})
}
