using System.Runtime.InteropServices;

namespace KernelGen.Kernels.Products.MachineCode;

/// <summary>
/// What a kernel is called with: one pointer to this. Everything that pointers reach has been checked before (<see
/// cref="MachineProduct{TRecipe}"/>).
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct KernelArguments
{
    /// <summary>Index of the kernel in <see cref="KernelShape.All"/>. Kernels do not look at it; an interpreter of them does.</summary>
    public long Kernel;

    /// <summary>Codes of the first block of 16 rows, at the first slice; following blocks lie behind it.</summary>
    public byte* Codes;

    /// <summary>Scales of the first block, 16 for each group; following blocks behind it.</summary>
    public byte* Scales;

    /// <summary>Offsets, likewise, or null.</summary>
    public float* Offsets;

    /// <summary>Codes of the first vector; the other vectors behind it.</summary>
    public sbyte* X;

    /// <summary>Scales of the vectors.</summary>
    public float* XScales;

    /// <summary>Corrections of the vectors.</summary>
    public float* Corrections;

    /// <summary>Sums of the vectors, where weights have offsets.</summary>
    public float* Totals;

    /// <summary>Receives 16 sums for each block of each vector.</summary>
    public float* Y;

    /// <summary>Bytes from the sums of one vector to those of the next.</summary>
    public long YStep;

    /// <summary>Blocks of 16 rows (AMX: groups of 16 vectors).</summary>
    public long Count;

    /// <summary>Groups of 32 columns.</summary>
    public long Groups;

    /// <summary>Groups of 32 columns under one scale; 1 where a group has two.</summary>
    public long GroupsPerScale;

    /// <summary>Bytes from the codes of all vectors at a group to those at the next.</summary>
    public long XStep;

    /// <summary>Bytes from the numbers of all vectors at a group (slice) to those at the next.</summary>
    public long XScaleStep;

    /// <summary>Bytes of the scales of 16 rows: 32 if they are binary16, 64 if float32.</summary>
    public long ScaleStep;

    /// <summary>64 bytes: the table of 16, four times.</summary>
    public byte* Table;

    /// <summary>AMX: the 64 bytes of a tile configuration.</summary>
    public byte* TileConfiguration;

    /// <summary>AMX: room for the weights of all groups, a byte each.</summary>
    public byte* Weights;

    /// <summary>AMX: room for the products on their way, 1 KiB each.</summary>
    public byte* Products;

    /// <summary>The weight of 1.</summary>
    public float Step;

    /// <summary>1 if scales are binary16, 0 if float32.</summary>
    public int HalfScales;

    /// <summary>1 if weights come from memory and are to be asked for ahead.</summary>
    public int Fetch;

    /// <summary>AMX: 1 if sums go on from those in <see cref="Y"/>.</summary>
    public int Resume;
}
