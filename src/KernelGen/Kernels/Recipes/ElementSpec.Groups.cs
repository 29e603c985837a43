using System.Runtime.InteropServices;
using KernelGen.Kernels.Elements;

namespace KernelGen.Kernels.Recipes;

/// <content>The scale and the codes of one group of a block, one element at a time.</content>
public sealed partial class ElementSpec
{
    /// <summary>Decodes the first elements of a group.</summary>
    /// <param name="block">The block.</param>
    /// <param name="g">The group's number.</param>
    /// <param name="outside">The scale of the row or the tensor, or what multiplies the group's scale.</param>
    /// <param name="values">Receives them; at most a group.</param>
    internal void Decode(ReadOnlySpan<byte> block, int g, float outside, Span<float> values)
    {
        (float scale, float offset) = ReadScale(block, g, outside);
        for (int i = 0; i < values.Length; i++)
        {
            float level = Element.Level(ReadCode(block, g, i));
            values[i] =
                Source == ScaleSource.None ? level
                : Offset is null ? level * scale
                : level * scale + offset;
        }
    }

    /// <summary>Stores the codes of a whole group, those nearest to (value − shift) · inverse.</summary>
    internal void Encode(ReadOnlySpan<float> values, float inverse, float shift, Span<byte> block, int g)
    {
        foreach (CodePlane plane in Planes)
        {
            block.Slice(plane.Offset + g * plane.BytesPerGroup, plane.BytesPerGroup).Clear();
        }
        for (int i = 0; i < values.Length; i++)
        {
            WriteCode(block, g, i, Element.Code(Scaled(values[i], inverse, shift)));
        }
    }

    /// <summary>The scale of a group, and its offset.</summary>
    internal (float Scale, float Offset) ReadScale(ReadOnlySpan<byte> block, int g, float outside)
    {
        if (Source != ScaleSource.Group)
        {
            return (Source == ScaleSource.None ? 1f : outside, 0f);
        }
        float scale = ScaleCodec.Read(Scale, block[(ScaleOffset + g * ScaleCodec.Bytes(Scale))..]);
        return (
            HasTensorScale ? scale * outside : scale,
            Offset is { } type ? ScaleCodec.Read(type, block[(OffsetOffset + g * ScaleCodec.Bytes(type))..]) : 0f
        );
    }

    /// <summary>Stores the scale of a group, and its offset, if the block has them.</summary>
    internal void WriteScale(in GroupScale scale, Span<byte> block, int g)
    {
        if (Source == ScaleSource.Group)
        {
            ScaleCodec.Write(Scale, scale.Stored, block[(ScaleOffset + g * ScaleCodec.Bytes(Scale))..]);
        }
        if (Offset is { } type)
        {
            ScaleCodec.Write(type, scale.Offset, block[(OffsetOffset + g * ScaleCodec.Bytes(type))..]);
        }
    }

    /// <summary>Stores the codes of a group's scale and offset.</summary>
    internal void StoreScale(Span<byte> block, int g, uint scale, uint offset)
    {
        Store(block, Scale, ScaleOffset, g, scale);
        if (Offset is { } type)
        {
            Store(block, type, OffsetOffset, g, offset);
        }
    }

    /// <summary>A value in units of the scale: what codes are chosen by.</summary>
    internal float Scaled(float value, float inverse, float shift) =>
        Source == ScaleSource.None ? value
        : Offset is null ? value * inverse
        : (value - shift) * inverse;

    /// <summary>Stores the code of element <paramref name="i"/> of a group; bits of planes are added to what is there.</summary>
    internal void WriteCode(Span<byte> block, int g, int i, int code)
    {
        foreach (CodePlane plane in Planes)
        {
            Span<byte> bytes = block.Slice(plane.Offset + g * plane.BytesPerGroup, plane.BytesPerGroup);
            switch (plane.Bits)
            {
                case 8:
                    bytes[i] = (byte)code;
                    break;
                case 16:
                    MemoryMarshal.Write(bytes[(2 * i)..], (ushort)code);
                    break;
                case 32:
                    MemoryMarshal.Write(bytes[(4 * i)..], code);
                    break;
                default:
                    BitPlanes.Set(bytes, i, plane.Bits, plane.Order, code >> plane.Shift);
                    break;
            }
        }
    }

    private int ReadCode(ReadOnlySpan<byte> block, int g, int i)
    {
        int code = 0;
        foreach (CodePlane plane in Planes)
        {
            ReadOnlySpan<byte> bytes = block.Slice(plane.Offset + g * plane.BytesPerGroup, plane.BytesPerGroup);
            code |= plane.Bits switch
            {
                8 => bytes[i],
                16 => MemoryMarshal.Read<ushort>(bytes[(2 * i)..]),
                32 => MemoryMarshal.Read<int>(bytes[(4 * i)..]),
                _ => BitPlanes.Get(bytes, i, plane.Bits, plane.Order) << plane.Shift,
            };
        }
        return code;
    }

    private static void Store(Span<byte> block, ScaleType type, int offset, int g, uint code)
    {
        int bytes = ScaleCodec.Bytes(type);
        for (int i = 0; i < bytes; i++)
        {
            block[offset + g * bytes + i] = (byte)(code >> 8 * i);
        }
    }
}
