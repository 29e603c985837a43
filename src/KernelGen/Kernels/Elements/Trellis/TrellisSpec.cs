using System.ComponentModel;

namespace KernelGen.Kernels.Elements;

/// <summary>
/// A bitshift trellis: every weight of a block is a fixed function of <see cref="StateBits"/> consecutive bits of the
/// block's bit string, and the window moves on by the rate from weight to weight. The string is a ring (tail-biting),
/// so that a block costs exactly <see cref="BlockLength"/> · <see cref="BitsPerWeight"/> bits and has no start state.
/// </summary>
/// <remarks>
/// <code>
/// bit of the string   0 1 2 3 4 5 6 7 | 8 9 …            bit i is bit i mod 8 of byte ⌊i / 8⌋, lowest first
/// state of weight 0   [────────── L bits ──────────)      first bit of the window = bit 0 (lowest) of the state
/// state of weight 1       [────────── L bits ──────────)  starts at Offset(1) = ⌊BitsPer16 / 16⌋
/// state of weight t           Offset(t) = ⌊t · BitsPer16 / 16⌋, bits taken modulo the length of the string
/// </code>
/// A rate need not be a whole number of bits: at 34 bits per 16 weights (2.125 bits) the window moves by 2 bits, and
/// by 3 at every eighth weight. The idea is that of QTIP (Tseng et al. 2024); the code is our own, see <see cref="TrellisCode"/>.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly record struct TrellisSpec
{
    /// <summary>Fewest bits of a state: below, no multipliers of the code have been chosen.</summary>
    public const int MinStateBits = 12;

    /// <summary>Most bits of a state: one 32-bit load at any bit offset then holds a window.</summary>
    public const int MaxStateBits = 16;

    /// <summary>Lowest rate: a window moves on by one bit or more.</summary>
    public const int MinBitsPer16 = 16;

    /// <summary>Highest rate: the windows of 16 weights still start within 64 bits, which the decoder loads at once.</summary>
    public const int MaxBitsPer16 = 68;

    /// <summary>Declares a trellis.</summary>
    /// <param name="bitsPer16">
    /// Bits per 16 weights, 16 to 68: 32, 48 and 64 are the rates of 2, 3 and 4 bits; 35, 51 and 67 with a binary16 scale
    /// per 256 weights make 2.25, 3.25 and 4.25 stored bits.
    /// </param>
    /// <param name="stateBits">Bits of a state, 12 to 16: encoding time doubles with each, the error falls by 1–2 %.</param>
    /// <param name="blockLength">Weights of a block: a multiple of 16 from 32 to 4096 that makes the string a whole number of
    /// bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
    public TrellisSpec(int bitsPer16, int stateBits, int blockLength = 256)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bitsPer16, MinBitsPer16);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bitsPer16, MaxBitsPer16);
        ArgumentOutOfRangeException.ThrowIfLessThan(stateBits, MinStateBits);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(stateBits, MaxStateBits);
        if (blockLength < 32 || blockLength > 4096 || blockLength % 16 != 0 || blockLength / 16 * bitsPer16 % 8 != 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(blockLength),
                blockLength,
                $"A trellis block has 32 to 4096 weights, a multiple of 16, and a whole number of bytes; {blockLength} weights of "
                    + $"{bitsPer16}/16 bits are not."
            );
        }
        BitsPer16 = bitsPer16;
        StateBits = stateBits;
        BlockLength = blockLength;
    }

    /// <summary>Bits per 16 weights.</summary>
    public int BitsPer16 { get; }

    /// <summary>Bits of a state, L.</summary>
    public int StateBits { get; }

    /// <summary>Weights of a block.</summary>
    public int BlockLength { get; }

    /// <summary>Rate in bits per weight; all that is stored, scales apart.</summary>
    public double BitsPerWeight => BitsPer16 / 16.0;

    /// <summary>Bits of a block.</summary>
    public int BlockBits => BlockLength / 16 * BitsPer16;

    /// <summary>Bytes of a block.</summary>
    public int BlockBytes => BlockBits / 8;

    /// <summary>
    /// The scale that a unit Gaussian is best encoded with: a weight is the code's value times the scale, the scale is
    /// this number times the root mean square of the weights. Measured at 2, 3 and 4 bits (1.01, 1.05, 1.08); 3 % next to
    /// it the error is 0.3 % higher.
    /// </summary>
    public float UnitScale => 1.01f + 0.035f * (BitsPer16 / 16f - 2f);

    /// <summary>First bit of a weight's window.</summary>
    /// <param name="step">The weight, 0 or more; beyond the block the string goes on from its start.</param>
    public int Offset(int step) => step * BitsPer16 >> 4;

    /// <summary>Bits by which the window moves on after a weight: the rate, rounded down or up.</summary>
    /// <param name="step">The weight.</param>
    public int Shift(int step) => Offset(step + 1) - Offset(step);

    /// <summary>The state of a weight, read bit by bit: the definition of the packing.</summary>
    /// <param name="packed">A packed block, <see cref="BlockBytes"/> bytes.</param>
    /// <param name="step">The weight, 0 … <see cref="BlockLength"/> − 1.</param>
    public uint StateAt(ReadOnlySpan<byte> packed, int step)
    {
        uint state = 0;
        for (int i = 0; i < StateBits; i++)
        {
            int bit = (Offset(step) + i) % BlockBits;
            state |= (uint)(packed[bit >> 3] >> (bit & 7) & 1) << i;
        }
        return state;
    }
}
