module dkimspec/dnsproof

go 1.21
