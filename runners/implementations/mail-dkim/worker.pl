#!/usr/bin/perl
# A worker around Mail::DKIM: docs/worker-protocol.md on stdin and stdout.
#
# The first argument is the folder into which the Debian packages were
# unpacked. Modules come from there and from Perl itself, never from what else
# happens to be installed. With --dns request (the default) the zone comes in the
# request; with --dns sandbox the library asks the name server of resolv.conf.
use strict;
use warnings;

use Config;

my $root;

BEGIN {
    $root = shift @ARGV // die "usage: worker.pl FOLDER\n";
    my @own = @Config{qw(archlibexp privlibexp)};
    @INC = ( map( {"$root$_"} @Config{qw(vendorarchexp vendorlibexp)} ),
        @own, grep {m{/perl-base$}} @INC );
}

use Getopt::Long;
use JSON::PP;
use MIME::Base64;
use Mail::DKIM;
use Mail::DKIM::DNS;
use Mail::DKIM::PrivateKey;
use Mail::DKIM::Signer;
use Mail::DKIM::Verifier;
use Net::DNS;

use FindBin;
use lib $FindBin::RealBin;
use ZoneResolver;

my $dns = 'request';
GetOptions( 'dns=s' => \$dns ) && $dns =~ /^(request|sandbox)$/
    or die "usage: worker.pl FOLDER [--dns request|sandbox]\n";

my $json = JSON::PP->new->utf8->canonical;

sub message_of {
    my ($request) = @_;
    my $path = $request->{message_path};
    if ( !defined $path ) {
        die "request has no message\n" unless defined $request->{message};
        return decode_base64( $request->{message} );
    }
    open my $file, '<:raw', $path or die "$path: $!\n";
    local $/ = undef;
    return scalar <$file>;
}

sub describe {
    my ($signature) = @_;
    my $answer = {
        result => $signature->result,
        says   => $signature->result_detail,
    };
    my ( $d, $s, $b ) = map { $signature->$_ } qw(domain selector data);
    $answer->{d} = $d if defined $d;
    $answer->{s} = $s if defined $s;
    $answer->{b} = substr $b, 0, 16 if defined $b;
    return $answer;
}

sub verify {
    my ($request) = @_;
    Mail::DKIM::DNS::resolver( ZoneResolver->new( $request->{zone} // {} ) )
        if $dns eq 'request';
    my $verifier = Mail::DKIM::Verifier->new;
    $verifier->PRINT( message_of($request) );
    $verifier->CLOSE;

    # A field that it cannot parse has no signature object, only a reason.
    # Without any object the message has no result, not even 'none'.
    if ( !defined $verifier->result ) {
        return {
            silent => JSON::PP::true,
            says   => $verifier->{signature_reject_reason},
        };
    }

    # DomainKeys is another protocol.
    my @answers = map { describe($_) }
        grep { defined $_->result && !$_->isa('Mail::DKIM::DkSignature') }
        $verifier->signatures;
    return { signatures => \@answers };
}

# It reads a key without the lines around it.
sub key_of {
    my ($pem) = @_;
    my ($base64) = $pem =~ /-----BEGIN[^-]*-----(.*?)-----END/s
        or die "key_pem is not PEM\n";
    my $octets = decode_base64($base64);
    my $inner  = index( $octets, "\x04\x82" ) + 4;    # PKCS #8 holds PKCS #1.
    return Mail::DKIM::PrivateKey->load(
        Data => encode_base64( substr( $octets, $inner ), '' ) );
}

sub sign {
    my ($request) = @_;
    my $algorithm = $request->{algorithm} // 'rsa-sha256';
    return { unsupported => $algorithm } if $algorithm ne 'rsa-sha256';
    my $message = message_of($request);
    my $signer  = Mail::DKIM::Signer->new(
        Algorithm => $algorithm,
        Method    => join( '/',
            map { $request->{"${_}_canonicalization"} // 'relaxed' }
                qw(header body) ),
        Domain   => $request->{domain},
        Selector => $request->{selector},
        Key      => key_of( $request->{key_pem} ),
    );
    $signer->PRINT($message);
    $signer->CLOSE;
    my $field = $signer->signature->as_string . "\r\n";
    return { message => encode_base64( $field . $message, '' ) };
}

sub start {
    return {
        protocol => 1,
        name     => 'mail-dkim',
        version  => "$Mail::DKIM::VERSION",
        language => 'perl',
        ops      => [qw(verify sign)],
        features => [qw(rsa-sha1 rsa-sha256)],
        takes    => [],
        dns      => $dns,
        reports  => 'each',
    };
}

sub answer {
    my ($line) = @_;
    my $request = eval { $json->decode($line) };
    return { error => "request is not understood: $@" }
        if ref $request ne 'HASH';
    my $op = $request->{op} // '';
    return start() if $op eq 'start';
    my $handler = { verify => \&verify, sign => \&sign }->{$op};
    my $reply
        = $handler
        ? eval { $handler->($request) } // { error => "$@" }
        : { error => "unknown op '$op'" };
    return { %$reply, id => $request->{id} };
}

binmode STDIN;
binmode STDOUT;
$| = 1;
while ( my $line = <STDIN> ) {
    print $json->encode( answer($line) ), "\n" if $line =~ /\S/;
}
