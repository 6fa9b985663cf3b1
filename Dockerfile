# docker build -t senhasegura-bot .
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /out/senhasegura-bot ./cmd/senhasegura-bot

# Nothing but the binary and the certificates of public authorities: no shell,
# no package manager, no user database.
FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/senhasegura-bot /senhasegura-bot
# The policy is mounted here as policy.yml; the bot writes nothing.
WORKDIR /etc/senhasegura-bot
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/senhasegura-bot"]
CMD ["serve"]
