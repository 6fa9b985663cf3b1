// Package redistest starts real Redis servers for tests, and lets them fail.
//
// The stores' suites run over miniredis, which is quick and whose clock can be
// moved, and over the server that people will run, which is right:
//
//	server := redistest.Start(t)
//	client, err := redisstore.Open(server.URL)
//
// Each server listens on a port of the loopback and ends with the test; unless
// its settings say otherwise it keeps everything in memory. Where no
// redis-server is installed the test is skipped; with REQUIRE_REDIS=1, as in
// CI, it fails instead.
//
// # Faults
//
// A Server is stopped as by a crash (Stop) or in order (Quit), is started again
// on its port and its directory (Resume), and stands still (Freeze, Thaw). What
// is between it and its clients is a Proxy, which is slow, cuts connections,
// loses answers or swallows everything. A Sentinel is a master, two replicas
// and three sentinels; a Cluster three masters and a replica for each. Both
// can be told to fail over:
//
//	server := redistest.Start(t, redistest.AOF("always")...)
//	server.Stop()
//	server.Resume(t)
//
// A server goes back to what it held earlier (Copy, GoBack), as after a failover
// to a replica that was behind. A Machine has settings and a disk of its own, and
// loses the process alone or the power. StartAhead runs a server whose clock is
// not ours. The last two load a few lines of C into the server, for which they
// need a compiler.
//
// # Ports
//
// A server must come back on its port, and others must not find it taken. So
// ports are drawn below those that systems give to connections by themselves,
// and whoever answers is asked for its process id.
package redistest
