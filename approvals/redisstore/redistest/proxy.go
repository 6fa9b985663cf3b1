package redistest

import (
	"bytes"
	"net"
	"sync"
	"testing"
	"time"
)

// Proxy stands between clients and a server, and is the network that fails. It
// passes everything on until it is told otherwise.
type Proxy struct {
	Addr string // 127.0.0.1:port
	URL  string // redis://127.0.0.1:port/0

	to       string
	listener net.Listener
	working  sync.WaitGroup
	done     chan struct{}

	mu     sync.Mutex
	pairs  map[*pair]bool
	delay  time.Duration
	lose   int
	silent bool
}

// pair is one connection of a client and the one behind it.
type pair struct {
	client, server *net.TCPConn
	script         bool // what was sent last is a script
}

// NewProxy passes on to addr until the test ends.
func NewProxy(t testing.TB, addr string) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := l.Addr().String()
	p := &Proxy{Addr: at, URL: "redis://" + at + "/0", to: addr, listener: l, done: make(chan struct{}), pairs: map[*pair]bool{}}
	p.working.Go(p.accept)
	t.Cleanup(func() {
		close(p.done)
		l.Close()
		p.Cut()
		p.working.Wait()
	})
	return p
}

// Delay makes every answer come that much later; zero is none.
func (p *Proxy) Delay(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = d
}

// Cut resets every connection there is.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.pairs {
		c.reset()
	}
}

// Lose loses the answers of the next n scripts: the server does what it was
// sent, and the connection is reset instead of the answer.
func (p *Proxy) Lose(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lose = n
}

// Silence makes a black hole of it: connections are accepted and stay open, and
// what is said in either direction is swallowed. When it ends, those
// connections are reset.
func (p *Proxy) Silence(on bool) {
	p.mu.Lock()
	p.silent = on
	p.mu.Unlock()
	if !on {
		p.Cut()
	}
}

func (p *Proxy) accept() {
	for {
		in, err := p.listener.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", p.to)
		if err != nil { // refused there, so broken here
			in.(*net.TCPConn).SetLinger(0)
			in.Close()
			continue
		}
		c := &pair{client: in.(*net.TCPConn), server: out.(*net.TCPConn)}
		p.mu.Lock()
		p.pairs[c] = true
		p.mu.Unlock()
		p.working.Go(func() { p.pass(c, c.server, c.client, p.sent) })
		p.working.Go(func() { p.pass(c, c.client, c.server, p.answered) })
	}
}

// pass copies from one connection to the other what is let through; when either
// breaks, both do.
func (p *Proxy) pass(c *pair, to, from *net.TCPConn, through func(*pair, []byte) (swallow, breaks bool)) {
	defer p.drop(c)
	buffer := make([]byte, 1<<16)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			swallow, breaks := through(c, buffer[:n])
			if breaks {
				return
			}
			if !swallow {
				if _, err := to.Write(buffer[:n]); err != nil {
					return
				}
			}
		}
		if err != nil {
			return
		}
	}
}

func (p *Proxy) sent(c *pair, b []byte) (swallow, breaks bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c.script = bytes.Contains(bytes.ToLower(b), []byte("evalsha"))
	return p.silent, false
}

func (p *Proxy) answered(c *pair, _ []byte) (swallow, breaks bool) {
	p.mu.Lock()
	delay := p.delay
	if breaks = c.script && p.lose > 0; breaks {
		p.lose--
	}
	p.mu.Unlock()
	if delay > 0 {
		select {
		case <-time.After(delay):
		case <-p.done:
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.silent, breaks
}

func (p *Proxy) drop(c *pair) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c.reset()
	delete(p.pairs, c)
}

// reset ends both connections at once; what was under way in them is lost.
func (c *pair) reset() {
	for _, conn := range []*net.TCPConn{c.client, c.server} {
		_ = conn.SetLinger(0) // fails only when it is closed already
		_ = conn.Close()
	}
}
