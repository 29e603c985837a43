using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Products;
using KernelGen.Kernels.Recipes;

namespace KernelGen.Kernels.Coding;

/// <summary>A super-block: the search fills it, the recipe's loop for a vector width reads it.</summary>
/// <typeparam name="TRecipe">The format's own part.</typeparam>
internal sealed class SuperScaleCodec<TRecipe>(SuperBlockSpec spec) : BlockCodec(spec.Name, spec.Group * spec.Groups, spec.BlockBytes)
    where TRecipe : struct, ISuperBlockRecipe
{
    private readonly SuperScaleSearch _search = new(spec.Search);

    private readonly int _groups = spec.Groups,
        _entries = spec.Groups * (spec.SuperOffsetOffset is null ? 1 : 2),
        _scaleOffset = spec.ScaleOffset,
        _scaleBytes = SubScales.Bits(spec.Scale) * spec.Groups * (spec.SuperOffsetOffset is null ? 1 : 2) / 8;

    private readonly SpanPlane[] _planes = spec.Planes;

    private readonly ScaleType _scale = spec.Scale;

    private readonly SubScaleOrder _order = spec.Order;

    public override void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, int row, int column, Span<byte> block)
    {
        Span<int> scales = stackalloc int[_entries];
        Span<byte> codes = stackalloc byte[Block];
        RequireFinite(values, row, column);
        Store(_search.Find(values, scales, codes, importance), scales, codes, block);
    }

    public override void ReferenceEncode(ReadOnlySpan<float> values, int row, int column, Span<byte> block)
    {
        Span<int> scales = stackalloc int[_entries];
        Span<byte> codes = stackalloc byte[Block];
        RequireFinite(values, row, column);
        Store(_search.FindReference(values, scales, codes), scales, codes, block);
    }

    [SkipLocalsInit] // scales are written before they are read, here and below
    public override void Decode(ReadOnlySpan<byte> block, Span<float> values)
    {
        block = block[..BlockBytes];
        values = values[..Block];
        Span<float> scales = stackalloc float[TRecipe.Entries];
        if (Vector512.IsHardwareAccelerated && (TRecipe.Widths & 512) != 0)
        {
            ReadScales(block, scales);
            TRecipe.Decode512(
                ref MemoryMarshal.GetReference(block),
                ref MemoryMarshal.GetReference(scales),
                ref MemoryMarshal.GetReference(values)
            );
        }
        else if (Vector256.IsHardwareAccelerated && (TRecipe.Widths & 256) != 0)
        {
            ReadScales(block, scales);
            TRecipe.Decode256(
                ref MemoryMarshal.GetReference(block),
                ref MemoryMarshal.GetReference(scales),
                ref MemoryMarshal.GetReference(values)
            );
        }
        else if (Vector128.IsHardwareAccelerated && (TRecipe.Widths & 128) != 0)
        {
            ReadScales(block, scales);
            TRecipe.Decode128(
                ref MemoryMarshal.GetReference(block),
                ref MemoryMarshal.GetReference(scales),
                ref MemoryMarshal.GetReference(values)
            );
        }
        else
        {
            ReferenceDecode(block, values);
        }
    }

    public override void ReferenceDecode(ReadOnlySpan<byte> block, Span<float> values)
    {
        Span<float> scales = stackalloc float[_entries];
        Span<byte> codes = stackalloc byte[Block];
        ReferenceScales(block, scales);
        codes.Clear();
        foreach (SpanPlane plane in _planes)
        {
            SpanPlanes.Read(block[plane.Offset..], plane.Bits, plane.Shift, plane.Order, plane.Span, codes);
        }
        for (int i = 0; i < Block; i++)
        {
            int group = i / spec.Group;
            float value = spec.Element.Level(codes[i]) * scales[group];
            values[i] = _entries > _groups ? value - scales[_groups + group] : value;
        }
    }

    /// <summary>Codes, scales and offsets: a block at a time, since its scales are read together.</summary>
    public override void ReadGroups(ReadOnlySpan<byte> packedRow, int firstGroup, Span<byte> codes, Span<float> scales, Span<float> offsets)
    {
        Span<float> all = stackalloc float[TRecipe.Entries];
        for (int g = 0; g < scales.Length; g += _groups)
        {
            ReadOnlySpan<byte> block = packedRow.Slice((firstGroup + g) / _groups * BlockBytes, BlockBytes);
            Span<byte> target = codes.Slice(g * spec.Group, Block);
            ReadScales(block, all);
            target.Clear();
            foreach (SpanPlane plane in _planes)
            {
                ReadPlane(block, plane, target);
            }
            all[.._groups].CopyTo(scales[g..]);
            for (int i = 0; i < _groups; i++)
            {
                offsets[g + i] = _entries > _groups ? -all[_groups + i] : 0f;
            }
        }
    }

    private static void ReadPlane(ReadOnlySpan<byte> block, SpanPlane plane, Span<byte> codes)
    {
        if (plane.Bits == 8)
        {
            block.Slice(plane.Offset, codes.Length).CopyTo(codes);
            return;
        }
        int stride = plane.Span * plane.Bits / 8,
            at = plane.Offset;
        for (int first = 0; first < codes.Length; first += plane.Span, at += stride)
        {
            BitPlanes.Read(block.Slice(at, stride), plane.Shift, plane.Bits, plane.Order, codes.Slice(first, plane.Span));
        }
    }

    private void RequireFinite(ReadOnlySpan<float> values, int row, int column)
    {
        if (GroupMath.MagnitudeBits(values) >= GroupMath.NonFinite)
        {
            MatrixDriver.ThrowNonFinite(Name, values, row, column);
        }
    }

    private void Store(SuperScales found, ReadOnlySpan<int> scales, ReadOnlySpan<byte> codes, Span<byte> block)
    {
        block[..BlockBytes].Clear();
        ScaleCodec.Write(spec.Super, found.SuperScale, block[spec.SuperScaleOffset..]);
        if (spec.SuperOffsetOffset is { } offset)
        {
            ScaleCodec.Write(spec.Super, found.SuperOffset, block[offset..]);
        }
        SubScales.Pack(spec.Scale, spec.Order, scales, block.Slice(_scaleOffset, _scaleBytes));
        foreach (SpanPlane plane in _planes)
        {
            SpanPlanes.Write(codes, plane.Bits, plane.Shift, plane.Order, plane.Span, block[plane.Offset..]);
        }
    }

    /// <summary>What <see cref="ReadScales"/> reads, by the data alone.</summary>
    private void ReferenceScales(ReadOnlySpan<byte> block, Span<float> scales)
    {
        Span<int> entries = stackalloc int[_entries];
        SubScales.Unpack(_scale, _order, block.Slice(_scaleOffset, _scaleBytes), entries);
        float superScale = ScaleCodec.Read(spec.Super, block[spec.SuperScaleOffset..]),
            superOffset = spec.SuperOffsetOffset is { } offset ? ScaleCodec.Read(spec.Super, block[offset..]) : 0f;
        for (int g = 0; g < _entries; g++)
        {
            scales[g] = (g < _groups ? superScale : superOffset) * entries[g];
        }
    }

    /// <summary>The scales of all groups, then their offsets if there are any.</summary>
    [SkipLocalsInit]
    private void ReadScales(ReadOnlySpan<byte> block, Span<float> scales)
    {
        Span<int> entries = stackalloc int[TRecipe.Entries];
        SubScales.Unpack(_scale, _order, block.Slice(_scaleOffset, _scaleBytes), entries);
        float superScale = ScaleCodec.Read(TRecipe.Super, block[TRecipe.SuperScaleOffset..]);
        for (int g = 0; g < TRecipe.Groups; g++)
        {
            scales[g] = superScale * entries[g];
        }
        if (TRecipe.Entries == TRecipe.Groups)
        {
            return;
        }
        float superOffset = ScaleCodec.Read(TRecipe.Super, block[TRecipe.SuperOffsetOffset..]);
        for (int g = TRecipe.Groups; g < TRecipe.Entries; g++)
        {
            scales[g] = superOffset * entries[g];
        }
    }
}
