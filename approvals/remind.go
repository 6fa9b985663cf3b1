package approvals

import "time"

// Bounds of reminding.
const (
	// lastReminder is how long before it expires a request's thread reminds
	// again, or a fifth of its life where that is shorter.
	lastReminder = 5 * time.Minute
	// reviewReminders is how often the review of a break-glass is asked for
	// before it is due, and overdueDays for how many days afterwards.
	reviewReminders = 4
	overdueDays     = 7
)

// Reminders are the instants at which the request's thread reminds who can act,
// the earliest first; none where nobody is waited for. They do not move while a
// request waits.
func (r Request) Reminders() []time.Time {
	switch {
	case r.Glass.Unsigned():
		return r.Glass.reminders()
	case r.State == Pending && r.Rule.Remind > 0:
		last := r.Expires.Add(-min(lastReminder, r.Expires.Sub(r.Created)/5))
		if first := r.Created.Add(r.Rule.Remind); first.Before(last) {
			return []time.Time{first, last}
		}
		return []time.Time{last}
	}
	return nil
}

// reminders come at each quarter of the time to sign, the last of them when it
// is up, and then once a day.
func (g Glass) reminders() []time.Time {
	var at []time.Time
	for i := range reviewReminders {
		at = append(at, g.At.Add(g.Within*time.Duration(i+1)/reviewReminders))
	}
	for day := range overdueDays {
		at = append(at, g.Due().AddDate(0, 0, day+1))
	}
	return at
}
