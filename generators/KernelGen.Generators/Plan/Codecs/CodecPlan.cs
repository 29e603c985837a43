using KernelGen.Generators.Model;

namespace KernelGen.Generators.Plan.Codecs;

/// <summary>
/// The plan of a format that codes whole blocks (see <c>BlockCodec</c> in the runtime): sizes, fields, words for people. One subclass per
/// stage, in a file of its own, listed in <see cref="CodecPlans"/>.
/// </summary>
internal abstract class CodecPlan(FormatModel model)
{
    public FormatModel Model { get; } = model;

    /// <summary>The format nested in this one, whose kernels the codec calls, or null if there is none.</summary>
    public virtual FormatModel? Inner => null;

    /// <summary>Elements per block.</summary>
    public abstract int Block { get; }

    /// <summary>The fields of a block in stored order: name for people, bytes.</summary>
    public abstract IReadOnlyList<(string Name, int Bytes)> Fields { get; }

    public int BlockBytes => Fields.Sum(part => part.Bytes);

    /// <summary>Bits that stand for one element among the codes, rounded down; information only.</summary>
    public abstract int ElementBits { get; }

    /// <summary>Elements per scale.</summary>
    public abstract int Group { get; }

    /// <summary>Family for capacity coefficients.</summary>
    public abstract string Family { get; }

    /// <summary>Candidates that the encoder compares for one weight, about; probes and tests take fewer values where it is slow.</summary>
    public virtual int Candidates => 1;

    /// <summary>Whether the encoder searches for scales or codes of least error: then there is an EncodeBlock with importance.</summary>
    public abstract bool Searches { get; }

    /// <summary>The declaration in words, in the order in which it happens to a tensor.</summary>
    public abstract IEnumerable<(string Kind, string Text)> Stages { get; }

    /// <summary>Lines below the drawing of the block: where codes sit.</summary>
    public abstract IEnumerable<string> Notes { get; }

    /// <summary>Widths in bits of the vectors that decoding is written for.</summary>
    public virtual IReadOnlyList<int> VectorWidths => [128, 256, 512];

    /// <summary>How codes are decoded, in words; printed by <c>kernelgen show</c>.</summary>
    public abstract string Recipe { get; }

    /// <summary>How the integer kernels of the runtime read the format, if they can.</summary>
    public virtual IntegerPlan? Integers => null;

    /// <summary>
    /// What repacking does, in words, to codes that are no integers, for products in float32; null where it does nothing.
    /// </summary>
    public virtual string? Interleaved => null;
}
