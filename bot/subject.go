package bot

import "encoding/json"

// eventSubject is the id that an event is about. Slack gives it as the id
// itself, or as an object that has one.
type eventSubject string

// UnmarshalJSON reads both forms, and nothing from any other.
func (s *eventSubject) UnmarshalJSON(b []byte) error {
	var id string
	if json.Unmarshal(b, &id) == nil {
		*s = eventSubject(id)
		return nil
	}
	var object struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(b, &object) == nil {
		*s = eventSubject(object.ID)
	}
	return nil
}
