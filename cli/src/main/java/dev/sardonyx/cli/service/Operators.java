package dev.sardonyx.cli.service;

import dev.sardonyx.cli.service.ServiceException.Kind;
import dev.sardonyx.secureops.protocol.Protocol;
import dev.sardonyx.secureops.protocol.Seating;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/**
 * Who runs each party, as far as a configuration tells: the operator that it names, else the party's host; and, whatever it names, the
 * organisation in the party's certificate.
 */
final class Operators {
    private static final Pattern LOOPBACK = Pattern.compile("localhost|127(\\.\\d{1,3}){3}|::1|0:0:0:0:0:0:0:1");

    private Operators() {
    }

    /** @throws ServiceException of kind REFUSED where a dealer is run by who runs a computing party, unless that was allowed by its insecure name */
    static void requireDealerApart(Protocol protocol, List<ClusterFile.Seat> parties, boolean insecureColocatedDealer) {
        var organisations = new ArrayList<String>();
        for (int party = 0; party < parties.size(); party++) {
            organisations.add(organisation(parties.get(party)).orElse("party " + party));
        }
        try {
            new Seating(protocol, parties.stream().map(Operators::operator).toList()).requireDealerApart(insecureColocatedDealer);
            new Seating(protocol, organisations).requireDealerApart(insecureColocatedDealer);
        } catch (IllegalArgumentException e) {
            throw new ServiceException(Kind.REFUSED, String.valueOf(e.getMessage()), e);
        }
    }

    private static String operator(ClusterFile.Seat seat) {
        String host = seat.address().host().toLowerCase(Locale.ROOT);
        return seat.operator().map(name -> name.strip().toLowerCase(Locale.ROOT)).orElse(LOOPBACK.matcher(host).matches() ? "this machine" : host);
    }

    private static Optional<String> organisation(ClusterFile.Seat seat) {
        try {
            return new LdapName(seat.certificate().getSubjectX500Principal().getName()).getRdns().stream().filter(part -> part.getType().equalsIgnoreCase("O"))
                    .map(Rdn::getValue).map(String::valueOf).findFirst();
        } catch (InvalidNameException e) {
            throw new ServiceException(Kind.BAD_REQUEST, "a party's certificate has an unreadable subject", e);
        }
    }
}
