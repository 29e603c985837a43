namespace KernelGen.Models;

/// <summary>A tensor and how it is to be stored.</summary>
/// <param name="Source">The tensor.</param>
/// <param name="Target">How it is to be stored; the same storage means that its bytes are copied.</param>
/// <param name="Reason">Why: the rule that decided, in a few words.</param>
public sealed record PlannedTensor(ModelTensor Source, TensorStorage Target, string Reason)
{
    /// <summary>The format that packs it, where that is not the format it is stored in: plain values are packed by a format too.</summary>
    public CompressedFormat? Packer { get; init; }

    /// <summary>Whether its bytes are copied.</summary>
    public bool IsCopied => Source.Storage == Target;

    /// <summary>Whether its values are written as float32, which takes no format.</summary>
    internal bool IsSingles => !IsCopied && Packer is null && Target.Dtype == SafetensorsDtype.F32;

    /// <summary>
    /// Constants of the format that packs it, as far as it leaves its own bytes: plain values have neither headers nor padding.
    /// </summary>
    internal FormatInfo? PackedAs => Target.Dtype is null ? Packing.Info : null;

    internal CompressedFormat Packing => Packer ?? Target.Format ?? throw new InvalidOperationException($"{Source.Name} is not packed.");

    /// <summary>Bytes it will take.</summary>
    public long Bytes => IsCopied ? Source.Bytes : Target.BytesOf(Source)!.Value;

    /// <summary>Bits per value it will take; 0 for a tensor without values.</summary>
    public double BitsPerWeight => Source.Count > 0 ? 8.0 * Bytes / Source.Count : 0;
}
