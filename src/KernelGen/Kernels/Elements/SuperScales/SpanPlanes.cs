using System.ComponentModel;

namespace KernelGen.Kernels.Elements;

/// <summary>The scalar coder of code planes in a super-block: a plane holds a few bits of every code.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class SpanPlanes
{
    /// <summary>Puts some bits of every code into a plane.</summary>
    /// <param name="codes">The codes, a byte each.</param>
    /// <param name="bits">Bits of a code that the plane holds: 1, 2, 4 or 8.</param>
    /// <param name="shift">The lowest of them.</param>
    /// <param name="order">Where codes sit within a span.</param>
    /// <param name="span">Elements after which the next bytes start, for <see cref="CodeOrder.Split"/>.</param>
    /// <param name="plane">The plane's bytes; clear.</param>
    public static void Write(ReadOnlySpan<byte> codes, int bits, int shift, CodeOrder order, int span, Span<byte> plane)
    {
        for (int i = 0; i < codes.Length; i++)
        {
            (int at, int by) = Place(i, bits, order, span);
            plane[at] |= (byte)((codes[i] >> shift & (1 << bits) - 1) << by);
        }
    }

    /// <summary>Adds the bits of a plane to codes.</summary>
    /// <param name="plane">The plane's bytes.</param>
    /// <param name="bits">Bits of a code that the plane holds: 1, 2, 4 or 8.</param>
    /// <param name="shift">The lowest of them.</param>
    /// <param name="order">Where codes sit within a span.</param>
    /// <param name="span">Elements after which the next bytes start, for <see cref="CodeOrder.Split"/>.</param>
    /// <param name="codes">The codes; the plane's bits are clear in them.</param>
    public static void Read(ReadOnlySpan<byte> plane, int bits, int shift, CodeOrder order, int span, Span<byte> codes)
    {
        for (int i = 0; i < codes.Length; i++)
        {
            (int at, int by) = Place(i, bits, order, span);
            codes[i] |= (byte)((plane[at] >> by & (1 << bits) - 1) << shift);
        }
    }

    private static (int Byte, int Shift) Place(int element, int bits, CodeOrder order, int span)
    {
        int perByte = 8 / bits;
        if (order == CodeOrder.Split)
        {
            int stride = span / perByte,
                within = element % span;
            return (element / span * stride + within % stride, within / stride * bits);
        }
        int part = element % perByte;
        return (element / perByte, (order == CodeOrder.LowFirst ? part : perByte - 1 - part) * bits);
    }
}
