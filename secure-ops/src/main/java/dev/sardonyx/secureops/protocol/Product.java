package dev.sardonyx.secureops.protocol;

/**
 * One term of a sum of products of secrets.
 *
 * @param form the bilinear map
 * @param left left operand's share
 * @param right right operand
 */
public record Product(Bilinear form, PartyValue.Numbers left, Operand right) {
}
