package senhaseguratest

// Sample is a small installation with one of everything that behaves differently: 12 credentials,
// 4 passwords, 3 API secrets.
func Sample() Data {
	return Data{Credentials: sampleCredentials(), Passwords: samplePasswords(), Secrets: sampleSecrets()}
}

func sampleCredentials() []Credential {
	server := func(c Credential, host, ip, model string) Credential {
		c.Hostname, c.ManagementIP, c.Model, c.DeviceType = host, ip, model, "Server"
		if c.Type == "" {
			c.Type = "Local User"
		}
		c.Vendor = "Canonical"
		return c
	}
	return []Credential{
		server(Credential{ID: 5, Username: "root"}, "db01", "10.0.0.5", "Ubuntu 22.04"),
		server(Credential{ID: 6, Username: "root"}, "db02", "10.0.0.6", "Ubuntu 22.04"),
		server(Credential{ID: 7, Username: "postgres", Inactive: true}, "db01", "10.0.0.5", "Ubuntu 22.04"),
		server(Credential{ID: 12, Username: "root", Custody: HeldByAPI}, "web01", "10.0.1.12", "Ubuntu 24.04"),
		server(Credential{ID: 18, Username: "deploy", Custody: HeldByPerson}, "web01", "10.0.1.12", "Ubuntu 24.04"),
		server(Credential{ID: 21, Username: "deploy", Type: "SSH Key"}, "web02", "10.0.1.13", "Ubuntu 24.04"),
		server(Credential{ID: 94, Username: "oracle", Custody: HeldByAPI, AutomaticChange: true}, "erp01", "10.0.2.4", "Oracle Linux 9"),
		server(Credential{ID: 101, Username: "svc@corp.example", Type: "Domain User"}, "ad01", "10.0.3.1", "Windows Server 2022"),
		server(Credential{ID: 110, Username: "admin"}, "app.prod.example", "10.0.4.1", "Debian 12"),
		server(Credential{ID: 111, Username: "admin", Type: "Domain User"}, "app.prod.example", "10.0.4.1", "Debian 12"),
		server(Credential{ID: 120, Username: "backup", NoAccess: true}, "nas01", "10.0.5.1", "Debian 12"),
		{ID: 130, Username: "enable", Hostname: "sw-core-01", ManagementIP: "10.0.9.1", Type: "Local User", Model: "Catalyst 9300", DeviceType: "Switch", Vendor: "Cisco"},
	}
}

func samplePasswords() []Password {
	return []Password{
		{ID: 10, Name: "Payment gateway", URL: "https://pay.example", Username: "ops@corp.example"},
		{ID: 11, Name: "Registro.br", URL: "https://registro.br", Username: "admin", Inactive: true},
		{ID: 12, Name: "Produção: console", Username: "sre"},
		{ID: 312, Name: "CDN", Username: "sre", ReadOnly: true},
	}
}

func sampleSecrets() []Secret {
	return []Secret{
		{ID: 10, Name: "billing-api"},
		{ID: 42, Name: "billing-api", Inactive: true},
		{ID: 43, Name: "mailer", ReadOnly: true},
	}
}
