using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Products;

namespace KernelGen.Kernels.Coding;

/// <summary>A block of a trellis: its ring of bits.</summary>
internal sealed class TrellisCodec(string name, TrellisSpec spec, ScaledBlock parts, int refinements, bool searches)
    : SearchedCodec(name, spec.BlockLength, spec.BlockLength / 16 * spec.BitsPer16 / 8, parts, spec.UnitScale, searches)
{
    /// <summary>The tables and buffers of a search are large: one set a thread, kept.</summary>
    private readonly ThreadLocal<TrellisEncoder> _encoder = new(() => new TrellisEncoder(spec, refinements));

    protected override ReadOnlySpan<float> Multiples => [1f];

    /// <summary>
    /// The bits of least error. The reference shares the search, which the tests of the runtime check by itself; it would take minutes
    /// without vectors.
    /// </summary>
    protected override void EncodeCodes(ReadOnlySpan<float> units, ReadOnlySpan<float> importance, Span<byte> block, bool reference) =>
        _encoder.Value!.Encode(units, importance, block[Parts.CodesOffset..]);

    /// <summary>Decodes the ring: all weights are independent, a state is a window of the bits.</summary>
    protected override void DecodeCodes(ReadOnlySpan<byte> block, float scale, Span<float> values, bool reference)
    {
        if (reference)
        {
            TrellisDecoder.DecodeReference(spec, block[Parts.CodesOffset..], scale, values);
        }
        else
        {
            TrellisDecoder.Decode(spec, block[Parts.CodesOffset..], scale, values);
        }
    }

    internal override ProductMatrix? Repack(FormatInfo info, ReadOnlySpan<byte> packed, int rows, int columns) =>
        RepackedMatrix.OfTrellis(info, packed, rows, columns, spec, Parts);
}
