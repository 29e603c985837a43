using KernelGen.Generators.Model;

namespace KernelGen.Generators.Plan.Codecs;

/// <summary>
/// The plan of a format that codes whole blocks (see <c>IBlockCodec</c> in the runtime): sizes, fields, words for people,
/// and the text of the four block coders. One subclass per stage, in a file of its own, listed in <see cref="CodecPlans"/>.
/// </summary>
internal abstract class CodecPlan(FormatModel model)
{
    public FormatModel Model { get; } = model;

    /// <summary>The format nested in this one, whose kernels the block coders call, or null if they stand alone.</summary>
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

    /// <summary>How the integer kernels of the runtime read the format, if they can: <see cref="ReadGroup"/> then is the body of its member, or <see cref="ReadGroups"/> the member.</summary>
    public virtual IntegerPlan? Integers => null;

    /// <summary>The expression that repacks a matrix of codes that are no integers for products in float32, and what it does in words; null without.</summary>
    public virtual (string Expression, string Recipe)? Interleaved => null;

    /// <summary>Statements that set <c>codes</c>, <c>scale</c> and <c>offset</c> from <c>packedRow</c> and <c>group</c>.</summary>
    public virtual string ReadGroup => "";

    /// <summary>The member that reads several groups, for formats whose blocks hold more than one.</summary>
    public virtual string ReadGroups => "";

    /// <summary>
    /// The members EncodeBlock, DecodeBlock, ReferenceEncodeBlock and ReferenceDecodeBlock, and what they need. Constants
    /// FormatName, Block and BlockBytes are there already.
    /// </summary>
    public abstract string Coders();
}
