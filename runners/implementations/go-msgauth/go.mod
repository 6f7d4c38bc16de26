module dkimspec/go-msgauth-worker

go 1.21

require github.com/emersion/go-msgauth v0.7.0

require golang.org/x/crypto v0.31.0 // indirect

require dkimspec/goworker v0.0.0

replace dkimspec/goworker => ../goworker
