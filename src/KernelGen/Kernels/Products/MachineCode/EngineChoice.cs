using KernelGen.Kernels.Recipes;

namespace KernelGen.Kernels.Products.MachineCode;

/// <summary>Which engine multiplies: what <c>KERNELGEN_CPU</c> says, else what wins for the recipe and the number of vectors.</summary>
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
        if (!kernels.HasCode || MachineRecipe<TRecipe>.Vnni < 0 || (kernels.Wanted == CpuEngine.Best && !Wins<TRecipe>(vectors)))
        {
            return CpuEngines.Managed;
        }
        bool tiles =
            kernels.Best == CpuEngine.Amx && vectors >= TileVectors && TRecipe.SlicesPerScale <= MachineProduct<TRecipe>.TileGroups;
        return tiles ? CpuEngine.Amx : CpuEngine.Vnni;
    }

    /// <summary>Whether machine code beats .NET's own on this processor.</summary>
    private static bool Wins<TRecipe>(int vectors)
        where TRecipe : struct, IInt8Recipe => true;
}
