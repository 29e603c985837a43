using KernelGen.Kernels.Recipes;

namespace KernelGen.Kernels.Products.MachineCode;

/// <summary>
/// Which engine multiplies. Where machine code may run it is faster than .NET's own for all recipes and numbers of vectors (1.02 to
/// 3.4 times on Zen 4, docs/cpu.md);
/// tiles want 16 vectors.
/// </summary>
internal static class EngineChoice
{
    /// <summary>From so many vectors on a matrix is multiplied by tiles, where there are any.</summary>
    public const int TileVectors = KernelShape.AmxVectors;

    /// <summary>The engine of a product.</summary>
    /// <param name="kernels">The kernels there are.</param>
    /// <param name="vectors">Vectors of bytes; two for each activation vector in two digits.</param>
    /// <typeparam name="TRecipe">The recipe.</typeparam>
    public static CpuEngine Of<TRecipe>(MachineKernels kernels, int vectors)
        where TRecipe : struct, IInt8Recipe
    {
        if (!kernels.HasCode || MachineRecipe<TRecipe>.Vnni < 0)
        {
            return CpuEngines.Managed;
        }
        bool tiles =
            kernels.Best == CpuEngine.Amx && vectors >= TileVectors && TRecipe.SlicesPerScale <= MachineProduct<TRecipe>.TileGroups;
        return tiles ? CpuEngine.Amx : CpuEngine.Vnni;
    }
}
