package commands

import (
	"strconv"
	"strings"
	"testing"
)

func itoa(n int) string { return strconv.Itoa(n) }

func TestFaultsNameTheWordAndOfferALine(t *testing.T) {
	long := strings.Repeat("word ", 99) + "sixth overlong end"
	tests := []struct {
		typed string
		code  FaultCode
		word  string
		line  string
	}{
		{"deactivte 5 leaked", FaultUnknownCommand, "deactivte", "deactivate 5 leaked"},
		{"desativr 5 vazou", FaultUnknownCommand, "desativr", "desativar 5 vazou"},
		{"reactivate 5 back", FaultUnknownCommand, "reactivate", "activate 5 back"},
		{"reactivat 5 back", FaultUnknownCommand, "reactivat", "help"},
		{"desabilitar 5 vazou", FaultUnknownCommand, "desabilitar", "deactivate 5 vazou"},
		{"inactivate 5 leaked", FaultUnknownCommand, "inactivate", "deactivate 5 leaked"},
		{"pendings", FaultUnknownCommand, "pendings", "pending"},
		{"banana 5 leaked", FaultUnknownCommand, "banana", "help"},
		{"deactivte 007, root@ x", FaultUnknownCommand, "deactivte", "find root"},
		{"/pam deactivate 5 leaked", FaultUnknownCommand, "/pam", "deactivate 5 leaked"},
		{"5 leaked", FaultVerbMissing, "5", "deactivate 5 leaked"},
		{"password 5 leaked", FaultVerbMissing, "password", "deactivate password 5 leaked"},
		{"history", FaultLater, "history", "pending"},
		{"Timeline 5", FaultLater, "Timeline", "pending"},

		{"status", FaultArgumentMissing, "status", "status R-7K2M9Q"},
		{"cancelar", FaultArgumentMissing, "cancelar", "cancelar R-7K2M9Q"},
		{"find", FaultArgumentMissing, "find", "find root@db01"},
		{"explicar", FaultArgumentMissing, "explicar", "explicar 1018"},
		{"status 5", FaultRequestID, "5", "status R-7K2M9Q"},
		{"status R-7K2M9U", FaultRequestID, "R-7K2M9U", "status R-7K2M9Q"},
		{"status R-7K2M9Q please", FaultExtraWords, "please", "status R-7K2M9Q"},
		{"cancel r7k2m9q, R-7K2M9R", FaultExtraWords, "R-7K2M9R", "cancel R-7K2M9Q"},
		{"pending mine", FaultExtraWords, "mine", "pending"},
		{"break-glass help", FaultGlassWord, "help", "help"},
		{"break-glass status R-7K2M9Q", FaultGlassWord, "status", "status R-7K2M9Q"},
		{"break-glass freeze token stolen", FaultGlassWord, "freeze", "freeze token stolen"},
		{"break-glass break-glass deactivate 5 x", FaultGlassWord, "break-glass", "break-glass deactivate 5 x"},
		{"emergencia cancelar", FaultGlassWord, "cancelar", "cancelar R-7K2M9Q"},
		{"break-glass history", FaultGlassWord, "history", "pending"},
		{"break-glass the window", FaultGlassWord, "the", "break-glass"},
		{"break-glass deactivte 5 x", FaultUnknownCommand, "deactivte", "break-glass deactivate 5 x"},
		{"break-glass 5 leaked", FaultVerbMissing, "5", "break-glass deactivate 5 leaked"},
		{"emergência senha 5 vazou", FaultVerbMissing, "senha", "emergência deactivate senha 5 vazou"},
		{"emergencia desativar 5 6 vazou", FaultAmbiguous, "6", "emergencia desativar 5,6 vazou"},
		{"break-glass deactivate +5 x", FaultIDSign, "+5", "break-glass deactivate 5 x"},
		{"break-glass deactivate 5 for 2h because", FaultTimed, "for 2h", "break-glass deactivate 5 because"},
		{"break-glass release secret 5 x", FaultNoCustody, "secret", "break-glass release credential 5 x"},
		{"break-glass deactivate passwrd 5 x", FaultKindUnknown, "passwrd", "break-glass deactivate password 5 x"},
		{"break glass deactivate 5 x", FaultUnknownCommand, "break", "break-glass deactivate 5 x"},
		{"brake-glass deactivate 5 x", FaultUnknownCommand, "brake-glass", "break-glass deactivate 5 x"},
		{"unfreeze all of it", FaultExtraWords, "all of it", "unfreeze"},
		{"congelar", FaultArgumentMissing, "congelar", "congelar token of the deploy bot stolen"},
		{"frezee token stolen", FaultUnknownCommand, "frezee", "freeze token stolen"},

		{"release password 5 stuck", FaultNoCustody, "password", "release credential 5 stuck"},
		{"liberar segredo 5 x", FaultNoCustody, "segredo", "liberar credential 5 x"},
		{"release password", FaultNoCustody, "password", "release credential"},
		{"deactivate password root@db01 leaked", FaultMySafeByID, "root@db01", "find root@db01"},
		{"deactivate pasword 5 leaked", FaultKindUnknown, "pasword", "deactivate password 5 leaked"},
		{"deactivate credentials 5 leaked", FaultKindUnknown, "credentials", "deactivate credential 5 leaked"},
		{"deactivate credential password 5 x", FaultKindMisplaced, "password", "deactivate password 5 x"},
		{"deactivate 5, password 6 x", FaultKindMisplaced, "password", "deactivate 5"},

		{"deactivate ,5 leaked", FaultCommaLeading, ",5", "deactivate 5 leaked"},
		{"deactivate , 5 leaked", FaultCommaLeading, ",", "deactivate 5 leaked"},
		{"deactivate 5,,6 leaked", FaultCommaDouble, ",,", "deactivate 5,6 leaked"},
		{"deactivate 5, ,6 leaked", FaultCommaDouble, ", ,", "deactivate 5,6 leaked"},
		{"deactivate 5,", FaultCommaTrailing, "5,", "deactivate 5"},
		{"deactivate 5, leaked in gist", FaultCommaReason, "leaked", "deactivate 5 leaked in gist"},

		{"deactivate leaked", FaultTarget, "leaked", "find leaked"},
		{"deactivate db01 leaked", FaultTarget, "db01", "find db01"},
		{"deactivate 5: leaked", FaultTarget, "5:", "deactivate 5 leaked"},
		{"deactivate #5 leaked", FaultTarget, "#5", "deactivate 5 leaked"},
		{"deactivate 5;6 leaked", FaultTarget, "5;6", "deactivate 5,6 leaked"},
		{"deactivate * leaked", FaultTarget, "*", "deactivate"},
		{"deactivate +5 leaked", FaultIDSign, "+5", "deactivate 5 leaked"},
		{"deactivate -5 leaked", FaultIDSign, "-5", "deactivate 5 leaked"},
		{"deactivate 007 leaked", FaultIDZero, "007", "deactivate 7 leaked"},
		{"deactivate 0 leaked", FaultIDZero, "0", "find 0"},
		{"deactivate 1234567890123456789 x", FaultIDLong, "1234567890123456789", "find 1234567890123456789"},
		{"deactivate 5.0 leaked", FaultIDDigits, "5.0", "deactivate 5 leaked"},
		{"deactivate ٥ leaked", FaultIDDigits, "٥", "deactivate 5 leaked"},
		{"deactivate １２ leaked", FaultIDDigits, "１２", "deactivate 12 leaked"},
		{"deactivate @db01 leaked", FaultNameUser, "@db01", "find db01"},
		{"deactivate CORP/root@db01 x", FaultNameUser, "CORP/root@db01", "find CORProot@db01"},
		{`deactivate CORP\root@db01 x`, FaultNameUser, `CORP\root@db01`, "find CORProot@db01"},
		{"deactivate ro?ot@db01 x", FaultNameUser, "ro?ot@db01", "find root@db01"},
		{"deactivate ro#ot@db01 x", FaultNameUser, "ro#ot@db01", "find root@db01"},
		{"deactivate ro%ot@db01 x", FaultNameUser, "ro%ot@db01", "find root@db01"},
		{"deactivate ro\x01ot@db01 x", FaultNameUser, "ro\x01ot@db01", "find root@db01"},
		{"deactivate ro\u202eot@db01 x", FaultNameUser, "ro\u202eot@db01", "find root@db01"},
		{"deactivate root@ leaked", FaultNameHost, "root@", "find root"},
		{"deactivate root@db–01 leaked", FaultNameHost, "root@db–01", "deactivate root@db-01 leaked"},
		{"deactivate root@db01/x leaked", FaultNameHost, "root@db01/x", "find root@db01x"},
		{"deactivate root@josé leaked", FaultNameHost, "root@josé", "find root@josé"},
		{"deactivate root@[::1] leaked", FaultNameHost, "root@[::1]", "find root@1"},
		{"deactivate a@" + strings.Repeat("h", 300) + " x", FaultNameLong, "a@" + strings.Repeat("h", 78), "find a@" + strings.Repeat("h", 98)},

		{"deactivate <@U123|ana> left", FaultMention, "@ana", "find ana"},
		{"deactivate <#C123|inc-7> leaked", FaultMention, "#inc-7", "find inc-7"},
		{"deactivate <mailto:root@db02|root@db01> x", FaultLink, "root@db01", "deactivate root@db01 x"},
		{"deactivate root@<http://db02.co|db01.co> x", FaultLink, "root@db01.co", "deactivate root@db01.co x"},
		{"deactivate " + numbers(21) + " leaked", FaultTooMany, "21", "deactivate " + numbers(20) + " leaked"},

		{"deactivate 5 6 leaked", FaultAmbiguous, "6", "deactivate 5,6 leaked"},
		{"deactivate 5 6 7, 8 leaked", FaultAmbiguous, "6", "deactivate 5,6,7,8 leaked"},
		{"deactivate 5 root@db01 leaked", FaultAmbiguous, "root@db01", "deactivate 5,root@db01 leaked"},
		{"desativar 5 e 6 vazou", FaultAmbiguous, "6", "desativar 5,6 vazou"},
		{"deactivate 5 6 for 2h leaked", FaultAmbiguous, "6", "deactivate 5,6 leaked"},
		{"deactivate 5 <mailto:a@b.co|a@b.co> left", FaultAmbiguous, "a@b.co", "deactivate 5,a@b.co left"},

		{"deactivate 5 " + long, FaultReasonLong, "overlong", "deactivate 5"},
	}
	for _, tt := range tests {
		t.Run(tt.typed, func(t *testing.T) {
			c, f := Parse(tt.typed)
			if f == nil {
				t.Fatalf("no fault, but %+v", c)
			}
			if f.Code != tt.code || f.Word != tt.word || f.Line != tt.line {
				t.Errorf("got %s %q\noffering %q\nwant %s %q\noffering %q", f.Code, f.Word, f.Line, tt.code, tt.word, tt.line)
			}
		})
	}
}

func TestTimedOperationsDoNotExist(t *testing.T) {
	for _, span := range []string{
		"30m", "2h", "1h30m", "45 min", "2 hours", "2 horas", "90s", "1d", "1h 30m", "1h30", "1.5h", "2 HOURS", "a day", "half an hour",
		"uma hora", "meia hora", "3 dias", "um mês", "2 hours and 30 minutes", "2 semanas",
	} {
		for _, word := range []string{"for", "por", "FOR"} {
			for _, after := range []string{"", " leaked", ", leaked"} {
				_, f := Parse("deactivate 5,6 " + word + " " + span + after)
				if f == nil || f.Code != FaultTimed || f.Word != word+" "+span {
					t.Errorf("%s %s%s: %+v", word, span, after, f)
					continue
				}
				if want := strings.TrimSpace("deactivate 5,6 " + strings.TrimLeft(after, ", ")); f.Line != want {
					t.Errorf("%s %s%s: offers %q", word, span, after, f.Line)
				}
			}
		}
	}
}

func TestFaultsThatCountSayHowMuch(t *testing.T) {
	tests := []struct {
		typed       string
		length, max int
	}{
		{"deactivate 5 " + strings.Repeat("ã", 501), 501, 500},
		{"deactivate " + numbers(23) + " x", 23, 20},
		{"deactivate 1234567890123456789 x", 19, 18},
		{"find " + strings.Repeat("x", 101), 101, 100},
		{"freeze " + strings.Repeat("x", 501), 501, 500},
	}
	for _, tt := range tests {
		if _, f := Parse(tt.typed); f == nil || f.Length != tt.length || f.Max != tt.max {
			t.Errorf("%.30s: %+v", tt.typed, f)
		}
	}
}

func TestALinkFaultSaysWhereTheLinkLeads(t *testing.T) {
	if _, f := Parse("deactivate <mailto:root@db02|root@db01> x"); f.Other != "root@db02" {
		t.Errorf("leads to %q", f.Other)
	}
}
