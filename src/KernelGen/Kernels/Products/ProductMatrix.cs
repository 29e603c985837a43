using System.ComponentModel;
using KernelGen.Kernels.Products.MachineCode;

namespace KernelGen.Kernels.Products;

/// <summary>A matrix as products read it: repacked in memory, never stored, or packed as it is.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class ProductMatrix
{
    private protected ProductMatrix(int rows, int columns) => (Rows, Columns) = (rows, columns);

    /// <summary>Rows.</summary>
    public int Rows { get; }

    /// <summary>Columns.</summary>
    public int Columns { get; }

    /// <summary>Bytes held in addition to the packed ones, scales included.</summary>
    public abstract long Bytes { get; }

    /// <summary>
    /// Up to so many vectors in float32 are multiplied faster here than by rows that are decoded for all of them, see
    /// <see cref="PackedMatrix{TFormat}"/>.
    /// </summary>
    internal virtual int MostFloatVectors => int.MaxValue;

    /// <summary>Whether activations can be rounded to bytes: the format's levels are integers times a step.</summary>
    public abstract bool HasIntegers { get; }

    /// <summary>
    /// Names of the kernels in machine code that multiply bytes with these weights, on machines that have the instructions.
    /// </summary>
    public virtual IReadOnlyList<string> MachineCode => [];

    /// <summary>What multiplies: <c>managed</c>, <c>avx512</c>, <c>vnni</c> or <c>amx</c>.</summary>
    /// <param name="batch">Number of activation vectors.</param>
    /// <param name="precision">How activations are treated.</param>
    public virtual string Engine(int batch, MatVecPrecision precision) => CpuKernels.Name(CpuEngines.Managed);

    /// <summary>Y = X·Wᵀ.</summary>
    /// <param name="x"><c>batch × Columns</c> finite activations.</param>
    /// <param name="batch">Number of activation vectors.</param>
    /// <param name="y">Receives <c>batch × Rows</c> sums.</param>
    /// <param name="precision">How activations are treated.</param>
    /// <param name="parallelism">How many threads; the result does not depend on it.</param>
    /// <exception cref="NotSupportedException">Bytes are asked for, and the format's levels are no integers.</exception>
    public abstract void MatMul(
        ReadOnlyMemory<float> x,
        int batch,
        Memory<float> y,
        MatVecPrecision precision,
        Parallelism? parallelism = null
    );

    /// <summary>Refuses spans that are too short, and activations in bytes where levels are no integers.</summary>
    private protected void Check(int activations, int batch, int results, MatVecPrecision precision)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(batch);
        if (precision != MatVecPrecision.Float && !HasIntegers)
        {
            throw new NotSupportedException(
                "The levels of this format are not integers times a step: its products are in float32 only. Use MatVecPrecision.Float."
            );
        }
        if (activations < (long)batch * Columns || results < (long)batch * Rows)
        {
            throw new ArgumentException(
                $"{batch} activation vectors need {(long)batch * Columns} values and {(long)batch * Rows} results; the spans have "
                    + $"{activations} and {results}."
            );
        }
    }
}
