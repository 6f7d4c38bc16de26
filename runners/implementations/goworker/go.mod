module dkimspec/goworker

go 1.21
