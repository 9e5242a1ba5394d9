package dev.sardonyx.secureops.protocol;

import java.util.List;

/**
 * Who runs each party of a protocol.
 *
 * @param protocol what they run
 * @param operators by party, what tells its operator from others: the same text means the same process, machine or organisation
 */
public record Seating(Protocol protocol, List<String> operators) {
    /** What has to be said to let a computing party be its own dealer. */
    public static final String COLOCATED_DEALER_FLAG = "--insecure-colocated-dealer";

    public Seating {
        operators = List.copyOf(operators);
        if (operators.size() != protocol.parties()) {
            throw new IllegalArgumentException(operators.size() + " operators; " + protocol.name() + " has " + protocol.parties() + " parties");
        }
    }

    /**
     * Refuses a dealer that shares its operator with a computing party: together they know masks and masked values, which is everything.
     *
     * @param insecureColocatedDealer whether {@value #COLOCATED_DEALER_FLAG} was said
     * @throws IllegalArgumentException naming the parties, unless the flag was said
     */
    public void requireDealerApart(boolean insecureColocatedDealer) {
        if (insecureColocatedDealer || protocol.dealer().isEmpty()) {
            return;
        }
        int dealer = protocol.dealer().getAsInt();
        for (int party = 0; party < operators.size(); party++) {
            if (party != dealer && operators.get(party).equals(operators.get(dealer))) {
                throw new IllegalArgumentException("the dealer (party " + dealer + ") and party " + party + " are both run by '"
                        + operators.get(dealer) + "', who can then see all data: expected a dealer of its own, or "
                        + COLOCATED_DEALER_FLAG + " for an evaluation");
            }
        }
    }
}
