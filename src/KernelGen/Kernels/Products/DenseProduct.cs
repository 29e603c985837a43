using KernelGen.Kernels.Vectors;

namespace KernelGen.Kernels.Products;

/// <summary>
/// One thread's part of a dense product, blocked for the caches as Goto and van de Geijn describe ("Anatomy of
/// High-Performance Matrix Multiplication", 2008), the other way round: a panel of the left operand, the smaller one, stays in the
/// first level, and those of the right operand stream past it from the second.
/// </summary>
/// <typeparam name="TVector">The vector.</typeparam>
/// <typeparam name="TLanes">Its operations.</typeparam>
internal static unsafe class DenseProduct<TVector, TLanes>
    where TVector : struct
    where TLanes : struct, IFloatLanes<TVector>
{
    /// <summary>Products added in registers before they go to the result; the same for all widths, as it decides the rounding.</summary>
    private const int Depth = 256;

    /// <summary>
    /// Rows of the left operand whose copies are kept for all columns, up to 4.5 MiB; each panel is read from there once for every block of
    /// columns.
    /// </summary>
    private const int SlabRows = 4608;

    /// <summary>Columns of a block of the right operand: 1 MiB.</summary>
    private const int BlockColumns = 1024;

    /// <summary>An operand that at most so many tiles read in turn is read where it is: a copy would cost more than it saves.</summary>
    private const int FewTiles = 4;

    /// <summary><c>c (+)= a · b</c>.</summary>
    /// <param name="a">The left operand, m × k.</param>
    /// <param name="b">The right operand, k × n.</param>
    /// <param name="c">The result, m × n, its columns next to each other.</param>
    /// <param name="m">Rows.</param>
    /// <param name="n">Columns.</param>
    /// <param name="k">Products in a sum.</param>
    /// <param name="add">Whether to add to what is there.</param>
    public static void Run(DenseOperand a, DenseOperand b, DenseOperand c, int m, int n, int k, bool add)
    {
        int width = DenseTile<TVector, TLanes>.Columns;
        bool copyRight = b.Column != 1 || m > FewTiles * DenseTile<TVector, TLanes>.Rows;
        for (int i = 0; i < m; i += SlabRows)
        {
            int rows = Math.Min(SlabRows, m - i);
            for (int p = 0; p < k; p += Depth)
            {
                int depth = Math.Min(Depth, k - p);
                DensePanels left = Left(a.At(i, p), rows, depth, n);
                for (int j = 0; j < n; j += BlockColumns)
                {
                    int columns = Math.Min(BlockColumns, n - j);
                    DenseOperand from = b.At(p, j);
                    float* room = DenseWorkspace.Mine.Right(DensePanels.Room(copyRight ? columns : width, depth, width));
                    DensePanels right = copyRight
                        ? DensePanels.Copy(from.First, from.Column, from.Row, columns, depth, width, room)
                        : DensePanels.InPlace(from.First, from.Column, from.Row, columns, depth, width, room);
                    Block(left, right, c.At(i, j), rows, columns, depth, add || p > 0);
                }
            }
        }
    }

    /// <summary>The left operand's panels of one depth: copied once for all columns.</summary>
    private static DensePanels Left(DenseOperand from, int rows, int depth, int n)
    {
        int height = DenseTile<TVector, TLanes>.Rows;
        bool copy = n > FewTiles * DenseTile<TVector, TLanes>.Columns;
        float* room = DenseWorkspace.Mine.Left(DensePanels.Room(copy ? rows : height, depth, height));
        return copy
            ? DensePanels.Copy(from.First, from.Row, from.Column, rows, depth, height, room)
            : DensePanels.InPlace(from.First, from.Row, from.Column, rows, depth, height, room);
    }

    private static void Block(in DensePanels left, in DensePanels right, DenseOperand c, int rows, int columns, int depth, bool add)
    {
        int height = DenseTile<TVector, TLanes>.Rows,
            width = DenseTile<TVector, TLanes>.Columns;
        float* edge = stackalloc float[12 * 2 * 16];
        for (int i = 0; i < rows; i += height)
        {
            int high = Math.Min(height, rows - i);
            (nint a, nint aSide, nint aStep) = left[i / height, high < height];
            for (int j = 0; j < columns; j += width)
            {
                int wide = Math.Min(width, columns - j);
                (nint b, _, nint bStep) = right[j / width, wide < width];
                DenseOperand target = c.At(i, j);
                if (high == height && wide == width)
                {
                    DenseTile<TVector, TLanes>.Run(
                        height,
                        ref *(float*)a,
                        aSide,
                        aStep,
                        ref *(float*)b,
                        bStep,
                        depth,
                        ref target.Value,
                        target.Row,
                        add
                    );
                    continue;
                }
                DenseTile<TVector, TLanes>.Run(
                    height,
                    ref *(float*)a,
                    aSide,
                    aStep,
                    ref *(float*)b,
                    bStep,
                    depth,
                    ref *edge,
                    width,
                    add: false
                );
                for (int row = 0; row < high; row++)
                {
                    float* to = (float*)target.At(row, 0).First;
                    for (int column = 0; column < wide; column++)
                    {
                        to[column] = add ? to[column] + edge[row * width + column] : edge[row * width + column];
                    }
                }
            }
        }
    }
}
