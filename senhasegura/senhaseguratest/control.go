package senhaseguratest

import (
	"encoding/json"
	"net/http"
)

// controlLimit bounds the body of a control request.
const controlLimit = 1 << 20

// Control is the control surface over HTTP, to be served apart from the API, for an appliance in another
// process. JSON in and out:
//
//	GET    /calls       []Call
//	GET    /violations  []Call
//	POST   /faults      Fault; 204
//	DELETE /faults      204
//	GET    /items       Data
//	PUT    /items       Data; 204
//	DELETE /tokens      every token issued so far becomes invalid; 204
func (a *Appliance) Control() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /calls", func(w http.ResponseWriter, _ *http.Request) { answer(w, a.Calls()) })
	mux.HandleFunc("GET /violations", func(w http.ResponseWriter, _ *http.Request) { answer(w, a.Violations()) })
	mux.HandleFunc("GET /items", func(w http.ResponseWriter, _ *http.Request) { answer(w, a.Items()) })
	mux.HandleFunc("POST /faults", take(a.Inject))
	mux.HandleFunc("PUT /items", take(a.SetItems))
	mux.HandleFunc("DELETE /faults", func(w http.ResponseWriter, _ *http.Request) {
		a.ClearFaults()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("DELETE /tokens", func(w http.ResponseWriter, _ *http.Request) {
		a.RevokeTokens()
		w.WriteHeader(http.StatusNoContent)
	})
	return mux
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v)
}

// take decodes strictly: a misspelt fault would otherwise be no fault at all.
func take[T any](accept func(T)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var v T
		dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, controlLimit))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&v); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		accept(v)
		w.WriteHeader(http.StatusNoContent)
	}
}
