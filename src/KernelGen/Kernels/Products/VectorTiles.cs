using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace KernelGen.Kernels.Products;

/// <summary>Activation vectors as tiles read them: twelve side by side, column after column. The buffer is kept between calls.</summary>
internal sealed class VectorTiles
{
    /// <summary>Vectors side by side: as many as the highest tile has rows.</summary>
    public const int Width = 12;

    private float[] _tiles = [];
    private int _columns;

    /// <summary>Number of vectors.</summary>
    public int Count { get; private set; }

    /// <summary>Groups of vectors, which can be filled apart.</summary>
    public int Tiles => (Count + Width - 1) / Width;

    /// <summary>The value of a vector at a column, from which on the tile is read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref float At(int vector, int column) =>
        ref Unsafe.Add(
            ref MemoryMarshal.GetArrayDataReference(_tiles),
            ((nint)(vector / Width) * _columns + column) * Width + vector % Width
        );

    /// <summary>Makes room.</summary>
    /// <param name="count">Number of vectors.</param>
    /// <param name="columns">Length of a vector.</param>
    public void Reserve(int count, int columns)
    {
        (Count, _columns) = (count, columns);
        int length = checked(Tiles * Width * columns);
        if (_tiles.Length < length)
        {
            _tiles = GC.AllocateUninitializedArray<float>(length, pinned: true);
        }
    }

    /// <summary>Fills some tiles; what the last one has too many is zero.</summary>
    /// <param name="x"><c>Count × columns</c> values.</param>
    /// <param name="first">The first tile.</param>
    /// <param name="tiles">Number of tiles.</param>
    public unsafe void Fill(ReadOnlySpan<float> x, int first, int tiles)
    {
        int start = first * Width,
            count = Math.Min(tiles * Width, Count - start);
        x = x.Slice(start * _columns, count * _columns);
        fixed (
            float* source = x,
                target = _tiles.AsSpan(first * Width * _columns, tiles * Width * _columns)
        )
        {
            DensePanels.Copy((nint)source, _columns, 1, count, _columns, Width, target);
        }
    }
}
