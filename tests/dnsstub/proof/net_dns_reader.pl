# Reads DNS messages, one a line in hex, and prints what Net::DNS makes of each,
# one JSON object a line; tests/python/dns_readers.py says what it holds.
use strict;
use warnings;
use JSON::PP;
use Net::DNS;
use Net::DNS::Parameters qw(classbyname opcodebyname rcodebyname typebyname);

my %PARTS = (
    SOA   => [qw(mname rname serial refresh retry expire minimum)],
    NS    => ['nsdname'],
    CNAME => ['cname'],
    DNAME => ['target'],
    A     => ['address'],
);

# The character-strings as octets: Net::DNS shows them as text elsewhere.
sub strings_of {
    my ($rr) = @_;
    return [ map { unpack 'H*', $_->raw } @{ $rr->{txtdata} } ];
}

sub data_of {
    my ($rr) = @_;
    return strings_of($rr) if $rr->type =~ /^(TXT|SPF)$/;
    return [ map { '' . $rr->$_ } @{ $PARTS{ $rr->type } } ]
        if $PARTS{ $rr->type };
    return [ unpack 'H*', $rr->rdata ];
}

sub record_of {
    my ($rr) = @_;
    return [ $rr->name, typebyname( $rr->type ), classbyname( $rr->class ),
             $rr->ttl + 0, data_of($rr) ];
}

sub edns_of {
    my ($packet) = @_;
    my ($opt) = grep { $_->type eq 'OPT' } $packet->additional;
    return undef unless $opt;
    return { size => $opt->UDPsize + 0, version => $opt->version + 0,
             options => [ map { [ $_ + 0, unpack 'H*', $opt->option($_) ] }
                          $opt->options ] };
}

sub message_of {
    my ($packet) = @_;
    my $header = $packet->header;
    return {
        opcode   => opcodebyname( $header->opcode ),
        rcode    => rcodebyname( $header->rcode ),
        flags    => [ grep { $header->$_ } qw(aa ad cd qr ra rd tc) ],
        question => [ map { [ $_->name, typebyname( $_->type ),
                              classbyname( $_->class ) ] } $packet->question ],
        answer     => [ map { record_of($_) } $packet->answer ],
        authority  => [ map { record_of($_) } $packet->authority ],
        additional => [ map { record_of($_) }
                        grep { $_->type ne 'OPT' } $packet->additional ],
        edns => edns_of($packet),
    };
}

my $json = JSON::PP->new->canonical;
while ( my $line = <STDIN> ) {
    chomp $line;
    my $octets = pack 'H*', $line;
    my ( $packet, $end ) = Net::DNS::Packet->decode( \$octets );
    my $error = $packet ? '' : "$@";
    $error ||= 'octets left over' if $packet && $end != length $octets;
    print $json->encode( $error ? { error => $error } : message_of($packet) ),
        "\n";
}
