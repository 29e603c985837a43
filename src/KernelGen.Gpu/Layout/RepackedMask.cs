using System.Numerics;
using KernelGen.Kernels.Elements;

namespace KernelGen.Gpu;

/// <summary>The masks of a matrix: a word for each unit, and where codes lie side by side, how many weights are kept in front of each span.</summary>
internal sealed class RepackedMask
{
    private readonly GpuLayout _layout;
    private readonly GpuShape _shape;
    private readonly uint[] _marks,
        _ranks;

    public RepackedMask(GpuLayout layout, GpuShape shape)
    {
        (_layout, _shape) = (layout, shape);
        _marks = new uint[checked(shape.Rows * (long)shape.Units)];
        _ranks = new uint[layout.CodesPerBlock > 0 ? checked(shape.Rows * (long)shape.Spans) : 0];
    }

    /// <summary>The words: masks, then ranks.</summary>
    public uint[] ToWords() => [.. _marks, .. _ranks];

    /// <summary>Stores the mask of a block.</summary>
    /// <param name="row">The row.</param>
    /// <param name="b">The block in the row.</param>
    /// <param name="block">Its bytes.</param>
    /// <param name="code">Receives for each of its weights the number of its code, counted from 1; 0 for those that are dropped.</param>
    public void StoreBlock(int row, int b, ReadOnlySpan<byte> block, Span<int> code)
    {
        SparseBlock mask = _layout.Mask!();
        // what a mask does to 1, 2, 3… says which code a weight has, in damaged bytes too
        Span<float> numbers = new float[mask.Kept],
            expanded = new float[mask.Size];
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = i + 1;
        }
        mask.ReferenceExpand(numbers, block[_layout.MaskOffset..], expanded);
        for (int i = 0; i < expanded.Length; i++)
        {
            code[i] = (int)expanded[i];
            Mark(row, b * mask.Size + i, code[i] > 0);
        }
    }

    /// <summary>Stores the mask of a row, a bitmap.</summary>
    /// <param name="row">The row.</param>
    /// <param name="bitmap">Its bytes.</param>
    /// <param name="room">Kept weights that there are codes for; damaged bytes may mark more.</param>
    public void StoreRow(int row, ReadOnlySpan<byte> bitmap, int room)
    {
        int kept = 0;
        for (int column = 0; column < bitmap.Length * 8 && kept < room; column++)
        {
            bool marked = (bitmap[column >> 3] >> (column & 7) & 1) != 0;
            kept += marked ? 1 : 0;
            Mark(row, column, marked);
        }
    }

    /// <summary>Counts a row's marks when all are stored.</summary>
    public void Count(int row)
    {
        uint kept = 0;
        for (int unit = 0; unit < _shape.Units && _ranks.Length > 0; unit++)
        {
            if (unit % GpuShape.Span == 0)
            {
                _ranks[row * (long)_shape.Spans + unit / GpuShape.Span] = kept;
            }
            kept += (uint)BitOperations.PopCount(_marks[row * (long)_shape.Units + unit]);
        }
    }

    private void Mark(int row, int column, bool marked)
    {
        if (marked && column < _shape.Units * GpuShape.Unit)
        {
            _marks[row * (long)_shape.Units + column / GpuShape.Unit] |= 1u << column % GpuShape.Unit;
        }
    }
}
