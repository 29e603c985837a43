using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Products;
using KernelGen.Kernels.Recipes;

namespace KernelGen.Kernels.Coding;

/// <summary>The loops over the blocks and groups of a row, for one recipe and one vector width.</summary>
internal static class ElementLoops<TRecipe, TArm>
    where TRecipe : struct, IElementRecipe<TRecipe>
    where TArm : struct, IElementArm
{
    private static int Block
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)] // a constant; left to itself the JIT calls it for every block
        get => TRecipe.Group * TRecipe.Groups;
    }

    /// <summary>Decodes blocks; of the last one as much as there is room for.</summary>
    public static void Unpack(ReadOnlySpan<byte> blocks, float outside, Span<float> weights)
    {
        int whole = weights.Length / Block;
        ref byte block = ref MemoryMarshal.GetReference(blocks);
        ref float values = ref MemoryMarshal.GetReference(weights);
        for (int b = 0; b < whole; b++)
        {
            Decode(ref block, outside, ref values);
            block = ref Unsafe.Add(ref block, TRecipe.BlockBytes);
            values = ref Unsafe.Add(ref values, Block);
        }
        if (whole * Block < weights.Length)
        {
            UnpackPart(ref block, outside, weights[(whole * Block)..]);
        }
    }

    /// <summary>The first part of a block, apart so that the loop above has no buffer on the stack.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void UnpackPart(ref byte block, float outside, Span<float> weights)
    {
        Span<float> whole = stackalloc float[Block];
        Decode(ref block, outside, ref MemoryMarshal.GetReference(whole));
        whole[..weights.Length].CopyTo(weights);
    }

    /// <summary>Encodes a row.</summary>
    public static void PackRow(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, float tensorScale, int row, Span<byte> packed)
    {
        ElementSpec spec = TRecipe.Spec;
        ReferenceCoder reference = ElementKernels<TRecipe>.Reference;
        float outside = reference.Outside(values, tensorScale, row);
        if (spec.Source == ScaleSource.Row)
        {
            ScaleCodec.Write(spec.Scale, outside, packed);
        }
        packed = packed[spec.RowHeaderBytes..];
        int whole = values.Length / Block * Block;
        if (spec.PacksTiles)
        {
            PackTiles(values[..whole], outside, row, packed);
        }
        else
        {
            PackGroups(values[..whole], importance, outside, row, packed);
        }
        if (whole < values.Length)
        {
            reference.PackBlocks(
                values[whole..],
                importance.IsEmpty ? default : importance[whole..],
                outside,
                row,
                whole,
                packed[(whole / Block * TRecipe.BlockBytes)..]
            );
        }
    }

    /// <summary>Quantises and dequantises whole blocks: what comes back, or the squared error alone.</summary>
    public static double RoundTrip(ReadOnlySpan<float> values, float outside, int row, Span<float> target, bool measure)
    {
        GroupScale scale = Given(outside);
        double error = 0;
        for (int column = 0; column < values.Length; column += TRecipe.Group)
        {
            ReadOnlySpan<float> group = values.Slice(column, TRecipe.Group);
            Choose(group, default, outside, row, column, ref scale);
            if (measure)
            {
                error += TArm.Error(ref MemoryMarshal.GetReference(group), scale);
            }
            else
            {
                TArm.RoundTrip(
                    ref MemoryMarshal.GetReference(group),
                    scale,
                    ref MemoryMarshal.GetReference(target.Slice(column, TRecipe.Group))
                );
            }
        }
        return error;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Decode(ref byte block, float outside, ref float values)
    {
        if (TRecipe.Groups == 1)
        {
            TArm.Decode(ref block, 0, outside, ref values); // every offset is a constant
            return;
        }
        for (nint g = 0; g < TRecipe.Groups; g++)
        {
            TArm.Decode(ref block, g, outside, ref Unsafe.Add(ref values, g * TRecipe.Group));
        }
    }

    /// <summary>Whole blocks whose groups' scales are chosen 16 at a time.</summary>
    private static void PackTiles(ReadOnlySpan<float> values, float tensorScale, int row, Span<byte> packed)
    {
        var scales = new TileScales<TRecipe>();
        Span<byte> codes = stackalloc byte[TRecipe.Group];
        ref byte first = ref MemoryMarshal.GetReference(packed[..(values.Length / Block * TRecipe.BlockBytes)]);
        for (int column = 0; column < values.Length; column += GroupTile<TRecipe>.Groups * TRecipe.Group)
        {
            ReadOnlySpan<float> tile = values.Slice(column, Math.Min(GroupTile<TRecipe>.Groups * TRecipe.Group, values.Length - column));
            scales.Choose(tile, tensorScale, row, column);
            ref float group = ref MemoryMarshal.GetReference(tile);
            if (TRecipe.Groups == 1)
            {
                ref byte blocks = ref Unsafe.Add(ref first, column / TRecipe.Group * TRecipe.BlockBytes);
                EncodeBlocks(ref group, tile.Length / TRecipe.Group, ref scales, codes, ref blocks);
                continue;
            }
            for (int i = 0; i < tile.Length / TRecipe.Group; i++)
            {
                nint at = column / TRecipe.Group + i;
                ref byte block = ref Unsafe.Add(ref first, at / TRecipe.Groups * TRecipe.BlockBytes);
                Encode(ref Unsafe.Add(ref group, i * TRecipe.Group), i, ref scales, codes, ref block, at % TRecipe.Groups);
            }
        }
    }

    /// <summary>The codes of a tile whose groups are blocks: every offset is a constant.</summary>
    private static void EncodeBlocks(ref float group, int groups, ref TileScales<TRecipe> scales, Span<byte> codes, ref byte block)
    {
        for (int i = 0; i < groups; i++)
        {
            Encode(ref group, i, ref scales, codes, ref block, 0);
            group = ref Unsafe.Add(ref group, TRecipe.Group);
            block = ref Unsafe.Add(ref block, TRecipe.BlockBytes);
        }
    }

    /// <summary>Group <paramref name="i"/> of a tile, which is group <paramref name="g"/> of its block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Encode(ref float group, int i, ref TileScales<TRecipe> scales, Span<byte> codes, ref byte block, nint g)
    {
        float shift = TRecipe.HasOffset ? TileScales<TRecipe>.Of(ref scales.Shift, i) : 0f;
        uint offset = TRecipe.HasOffset ? TileScales<TRecipe>.Of(ref scales.StoredOffset, i) : 0;
        TRecipe.StoreScale(ref block, g, TileScales<TRecipe>.Of(ref scales.Stored, i), offset);
        TArm.Encode(ref group, TileScales<TRecipe>.Of(ref scales.Inverse, i), shift, ref block, g, codes);
    }

    /// <summary>Whole blocks one group after the other.</summary>
    private static void PackGroups(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, float outside, int row, Span<byte> packed)
    {
        Span<float> buffer = stackalloc float[importance.IsEmpty ? 0 : TRecipe.Group];
        Span<byte> codes = stackalloc byte[TRecipe.Group];
        GroupScale scale = Given(outside);
        bool scaled = TRecipe.Spec.Source == ScaleSource.Group;
        if (!scaled && TRecipe.Groups == 1)
        {
            EncodeAll(values, row, scale, codes, packed);
            return;
        }
        for (int column = 0; column < values.Length; column += Block)
        {
            Span<byte> block = packed.Slice(column / Block * TRecipe.BlockBytes, TRecipe.BlockBytes);
            for (int g = 0; g < TRecipe.Groups; g++)
            {
                int at = column + g * TRecipe.Group;
                ReadOnlySpan<float> group = values.Slice(at, TRecipe.Group);
                Choose(group, ColumnImportance.Of(importance, at, TRecipe.Group, buffer), outside, row, at, ref scale);
                if (scaled)
                {
                    TRecipe.Spec.WriteScale(scale, block, g);
                }
                ref byte bytes = ref MemoryMarshal.GetReference(block);
                TArm.Encode(ref MemoryMarshal.GetReference(group), scale.Inverse, scale.CodeOffset, ref bytes, g, codes);
            }
        }
    }

    /// <summary>Blocks without scales of their own: one check of the row, then nothing but codes.</summary>
    private static void EncodeAll(ReadOnlySpan<float> values, int row, in GroupScale scale, Span<byte> codes, Span<byte> packed)
    {
        GroupScale given = scale;
        Choose(values, default, 0f, row, 0, ref given);
        ref float group = ref MemoryMarshal.GetReference(values);
        ref byte block = ref MemoryMarshal.GetReference(packed[..(values.Length / Block * TRecipe.BlockBytes)]);
        float inverse = scale.Inverse,
            shift = scale.CodeOffset;
        for (int b = 0; b < values.Length / Block; b++)
        {
            TArm.Encode(ref group, inverse, shift, ref block, 0, codes);
            group = ref Unsafe.Add(ref group, TRecipe.Group);
            block = ref Unsafe.Add(ref block, TRecipe.BlockBytes);
        }
    }

    /// <summary>The scale that rows and tensors give; those of groups take its place.</summary>
    private static GroupScale Given(float outside) =>
        TRecipe.Spec.Source is ScaleSource.Row or ScaleSource.Tensor ? ScaleChoice.Given(outside) : default;

    /// <summary>The scale of a group where it has one, or the check that replaces it.</summary>
    private static void Choose(
        ReadOnlySpan<float> group,
        ReadOnlySpan<float> importance,
        float tensorScale,
        int row,
        int column,
        ref GroupScale scale
    )
    {
        ElementSpec spec = TRecipe.Spec;
        if (spec.Source == ScaleSource.Group)
        {
            scale = ScaleChoice.Of(spec, default(Trial), group, importance, tensorScale, row, column);
        }
        else if (spec.Source == ScaleSource.None && !spec.Element.HoldsNonFinite && GroupMath.MagnitudeBits(group) >= GroupMath.NonFinite)
        {
            MatrixDriver.ThrowNonFinite(spec.Name, group, row, column);
        }
    }

    /// <summary>A search for a scale asks the coder of this width.</summary>
    private readonly struct Trial : IGroupTrial
    {
        public float Error(ReadOnlySpan<float> group, ReadOnlySpan<float> importance, in GroupScale scale)
        {
            ref float values = ref MemoryMarshal.GetReference(group);
            if (importance.IsEmpty)
            {
                return TArm.Error(ref values, scale);
            }
            Span<float> decoded = stackalloc float[TRecipe.Group];
            TArm.RoundTrip(ref values, scale, ref MemoryMarshal.GetReference(decoded));
            return GroupMath.WeightedError(group, decoded, importance);
        }

        /// <summary>In units of the first scale a round trip gives the level itself.</summary>
        public void Levels(ReadOnlySpan<float> group, float first, Span<float> levels) =>
            TArm.RoundTrip(
                ref MemoryMarshal.GetReference(group),
                new GroupScale(0f, 1f, 0f, first, 0f),
                ref MemoryMarshal.GetReference(levels)
            );
    }
}
