// Package redistest starts a real redis-server for tests.
//
// The stores' suites run over miniredis, which is quick and whose clock can be
// moved, and over the server that people will run, which is right:
//
//	server := redistest.Start(t)
//	client, err := redisstore.Open(server.URL)
//
// Each server listens on a free port of the loopback, keeps everything in
// memory and ends with the test. Where no redis-server is installed the test
// is skipped; with REQUIRE_REDIS=1, as in CI, it fails instead.
package redistest
