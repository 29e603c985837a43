using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using KernelGen.Kernels.Recipes;
using KernelGen.Kernels.Vectors;

namespace KernelGen.Kernels.Products;

/// <summary>
/// The layout of the integer kernels. A block is 16 rows; a slice is 32 (or 16) of their columns: dword r of a 64-byte vector
/// belongs to row r and holds four columns, one a byte, or eight, one a nibble (columns 4 to 7 in the high nibbles).
/// </summary>
/// <typeparam name="TRecipe">The format's recipe.</typeparam>
internal static class Int8Layout<TRecipe>
    where TRecipe : struct, IInt8Recipe
{
    /// <summary>Rows of a block.</summary>
    public const int Rows = 16;

    /// <summary>
    /// Whether vectors of 256 bits are faster than those of 512: where weights are signed bytes and the machine multiplies four
    /// of them and adds them up in one instruction, which .NET offers for 256 bits.
    /// </summary>
    public static bool PrefersNarrow
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TRecipe.Signed && AvxVnni.IsSupported;
    }

    /// <summary>The integer that a multiplied byte of 0 stands for.</summary>
    /// <typeparam name="TLanes">What multiplies.</typeparam>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Lowest<TLanes>()
        where TLanes : struct, IInt8Lanes<TLanes> => TRecipe.Lowest - (TRecipe.Signed ? TLanes.SignedBias : 0);

    /// <summary>
    /// The integer that corrections are made for: signed weights may be multiplied with 128 added, and who does not add it does not
    /// look at them.
    /// </summary>
    public static int CorrectedLowest => TRecipe.Signed ? -128 : TRecipe.Lowest;

    /// <summary>Columns under one scale.</summary>
    public static int Group
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TRecipe.SliceColumns * TRecipe.SlicesPerScale;
    }

    /// <summary>Bytes of a slice of a block.</summary>
    public static int SliceBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Rows * TRecipe.SliceColumns / (TRecipe.Nibbles ? 2 : 1);
    }

    /// <summary>Slices of a row, in whole groups of activations.</summary>
    public static int Slices(int columns) =>
        (columns + Int8Activations.Group - 1) / Int8Activations.Group * (Int8Activations.Group / TRecipe.SliceColumns);
}
