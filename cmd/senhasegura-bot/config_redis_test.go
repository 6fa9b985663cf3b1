package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRedisURLs(t *testing.T) {
	type flat struct {
		Mode     RedisMode
		Addrs    []string
		TLS      bool
		Login    string
		DB       int
		Master   string
		HasLogin bool
	}
	for url, want := range map[string]flat{
		"redis://h":                         {Mode: RedisSingle, Addrs: []string{"h:6379"}},
		"rediss://h:1/3":                    {Mode: RedisSingle, Addrs: []string{"h:1"}, TLS: true, DB: 3},
		"redis://:p%40ss@[::1]:7/":          {Mode: RedisSingle, Addrs: []string{"[::1]:7"}, Login: ":p@ss", HasLogin: true},
		"redis://bot:hush@h":                {Mode: RedisSingle, Addrs: []string{"h:6379"}, Login: "bot:hush", HasLogin: true},
		"redis+sentinel://a,b:2/1?master=m": {Mode: RedisSentinel, Addrs: []string{"a:26379", "b:2"}, DB: 1, Master: "m"},
		"redis+cluster://u:p@a:1,b:2":       {Mode: RedisCluster, Addrs: []string{"a:1", "b:2"}, Login: "u:p", HasLogin: true},
		"memory://":                         {Mode: RedisMemory},
	} {
		a := mustLoad(t, with("REDIS_URL="+url), nil, Flags{}).Redis
		got := flat{Mode: a.Mode, Addrs: a.Addrs, TLS: a.TLS, DB: a.DB, Master: a.Master, HasLogin: a.Password.Set()}
		if got.HasLogin {
			got.Login = a.User + ":" + a.Password()
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", url, diff)
		}
	}
}

func TestFaultsOfRedisURLs(t *testing.T) {
	var cases []faultCase
	for url, want := range map[string]error{
		"localhost:6379": errRedisScheme, "http://h": errRedisScheme, "memory://x": errRedisScheme, "redis": errRedisScheme,
		"redis://": errRedisHosts, "redis://a,b": errRedisHosts, "redis://h:0": errRedisHosts, "redis://h:x": errRedisHosts,
		"redis+cluster://a,,b": errRedisHosts, "redis://h/x": errRedisDB, "redis://h/-1": errRedisDB, "redis+cluster://a/1": errRedisDB,
		"redis+sentinel://a": errRedisMaster, "redis+sentinel://a?master=": errRedisMaster,
		"redis+sentinel://a?master=m&hush=1": errRedisQuery, "redis://h?hush=1": errRedisQuery,
		"redis://user@h": errRedisUser, "redis://u:hush/x@h": errRedisUser, "redis://u:hush%zz@h": errRedisUser,
	} {
		cases = append(cases, faultCase{url, []string{"REDIS_URL=" + url}, []string{"REDIS_URL " + want.Error()}})
	}
	checkFaults(t, nil, Flags{}, cases)
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
