using KernelGen.Kernels.Recipes;

namespace KernelGen.Kernels.Products;

/// <summary>
/// A recipe whose scales are held as float32 although the format has them in binary16: for matrices that stay in a core's own
/// caches, where widening scales costs a tenth of the time and their bytes nothing.
/// </summary>
/// <typeparam name="TRecipe">The format's recipe.</typeparam>
internal readonly struct FloatScales<TRecipe> : IInt8Recipe
    where TRecipe : struct, IInt8Recipe
{
    /// <inheritdoc/>
    public static bool HalfScales => false;

    /// <inheritdoc/>
    public static bool Nibbles => TRecipe.Nibbles;

    /// <inheritdoc/>
    public static bool HasIntegers => TRecipe.HasIntegers;

    /// <inheritdoc/>
    public static ReadOnlySpan<float> Levels => TRecipe.Levels;

    /// <inheritdoc/>
    public static bool HasTable => TRecipe.HasTable;

    /// <inheritdoc/>
    public static ReadOnlySpan<byte> Table => TRecipe.Table;

    /// <inheritdoc/>
    public static bool Signed => TRecipe.Signed;

    /// <inheritdoc/>
    public static int Lowest => TRecipe.Lowest;

    /// <inheritdoc/>
    public static int Chain => TRecipe.Chain;

    /// <inheritdoc/>
    public static int SliceColumns => TRecipe.SliceColumns;

    /// <inheritdoc/>
    public static int SlicesPerScale => TRecipe.SlicesPerScale;

    /// <inheritdoc/>
    public static bool Offsets => TRecipe.Offsets;

    /// <inheritdoc/>
    public static float Step => TRecipe.Step;

    /// <inheritdoc/>
    public static ReadOnlySpan<byte> Stored => TRecipe.Stored;

    /// <inheritdoc/>
    public static int Stages => TRecipe.Stages;

    /// <inheritdoc/>
    public static bool HasExceptions => TRecipe.HasExceptions;

    /// <inheritdoc/>
    public static float Shift => TRecipe.Shift;

    /// <inheritdoc/>
    public static int Exponent => TRecipe.Exponent;

    /// <inheritdoc/>
    public static int Bias => TRecipe.Bias;
}
