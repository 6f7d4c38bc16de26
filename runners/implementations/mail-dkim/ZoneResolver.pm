# Stands where Mail::DKIM expects a Net::DNS::Resolver, and answers from the
# zone of a request. The answer is a packet in wire format which Net::DNS
# decodes, so nothing differs from an answer that came through a socket.
package ZoneResolver;

use strict;
use warnings;

use Encode ();
use Net::DNS;

use constant {
    MAX_ALIASES => 8,
    RCODES      => { nodata => 0, servfail => 2, nxdomain => 3 },
};

# What would fail later, inside the library, would pass for a DNS error.
sub _checked {
    my ( $name, $entry ) = @_;
    my $good
        = ref $entry eq 'HASH' ? defined $entry->{cname}
        : ref $entry           ? 1
        :                        $entry eq 'timeout' || exists RCODES->{$entry};
    die "zone, $name: cannot be served by a resolver hook\n" unless $good;
    return $entry;
}

sub new {
    my ( $class, $zone ) = @_;
    my %entries = map { _key($_) => _checked( $_, $zone->{$_} ) } keys %$zone;
    return bless { zone => \%entries, error => '' }, $class;
}

sub errorstring { return $_[0]{error} }

# As Net::DNS::Resolver::send: a packet, or nothing if no answer came.
sub send {
    my ( $self, $name, $type ) = @_;
    my $query = Net::DNS::Packet->new( $name, $type );
    my $entry = $self->_find( _octets( ( $query->question )[0]->qname ) );
    if ( !ref $entry && $entry eq 'timeout' ) {
        $self->{error} = 'query timed out';
        return;
    }
    my $rcode   = ref $entry ? 0 : RCODES->{$entry};
    my @records = ref $entry ? map { _rdata($_) } @$entry : ();
    my $reply = _reply( $query->data, $rcode, @records );
    $self->{error} = $reply->header->rcode;
    return $reply;
}

# Net::DNS shows names as master files have them (RFC 1035 section 5.1): "(" as
# "\(", others by number. Zones have them bare. "\." stays: no name of a zone
# has a dot within a label.
sub _octets {
    my ($name) = @_;
    $name =~ s/\\([0-9]{3}|[^.])/length $1 == 3 ? chr $1 : $1/ge;
    return $name;
}

# Names without case and final dot (RFC 4343).
sub _key {
    my ($name) = @_;
    $name =~ s/\.$//;
    $name =~ tr/A-Z/a-z/;
    return $name;
}

# The records or the word at the end of the aliases.
sub _find {
    my ( $self, $name ) = @_;
    for ( 0 .. MAX_ALIASES ) {
        my $entry = $self->{zone}{ _key($name) } // return 'nxdomain';
        return $entry if ref $entry ne 'HASH';
        $name = $entry->{cname};
    }
    return 'servfail';    # As a resolver says of an endless chain.
}

# TXT rdata: each string after its length (RFC 1035 section 3.3.14).
sub _rdata {
    my ($record) = @_;
    my @strings = ref $record eq 'ARRAY' ? @$record : ($record);
    my @octets  = map {
        ref $_
            ? pack 'H*', $_->{hex}
            : Encode::encode( 'UTF-8', $_ )
    } @strings;
    @octets = unpack '(a255)*', $octets[0] if length $octets[0] > 255;
    @octets = ('') unless @octets;
    return join '', map { pack 'C/a*', $_ } @octets;
}

# Turns the octets of a query into those of its answer: QR, RD and RA, the
# counts, and each record with a pointer to the name that was asked.
sub _reply {
    my ( $octets, $rcode, @records ) = @_;
    substr $octets, 2, 2, pack( 'n', 0x8180 | $rcode );
    substr $octets, 6, 2, pack( 'n', scalar @records );
    $octets .= pack( 'n n n N n/a*', 0xc00c, 16, 1, 60, $_ ) for @records;
    return Net::DNS::Packet->decode( \$octets )
        // die "zone: the answer cannot be decoded: $@\n";
}

1;
