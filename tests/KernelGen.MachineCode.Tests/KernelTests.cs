using KernelGen.Kernels.Products.MachineCode;

namespace KernelGen.MachineCode.Tests;

/// <summary>Every kernel against its meaning: interpreted on any machine, and natively where the processor has the instructions.</summary>
public class KernelTests
{
    public static TheoryData<int> Kernels => [.. Enumerable.Range(0, KernelShape.All.Count)];

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Interpreted_kernels_compute_the_reference_to_the_bit(int kernel) => Check(kernel, Interpreted.Kernels(CpuEngine.Amx), 1);

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Native_kernels_compute_the_reference_to_the_bit(int kernel)
    {
        MachineKernels native = MachineKernels.Start(null);
        CpuEngine needed = KernelShape.All[kernel].Engine == KernelEngine.Amx ? CpuEngine.Amx : CpuEngine.Vnni;
        if (native.Best < needed)
        {
            Assert.NotNull(native.Missing); // this processor lacks the instructions, and it is said why
            return;
        }
        Check(kernel, native, 8);
    }

    private static void Check(int kernel, MachineKernels kernels, int repetitions)
    {
        int seed = 1;
        for (int repetition = 0; repetition < repetitions; repetition++)
        {
            foreach (int groups in new[] { 1, 2, 3, 7, 12 })
            {
                foreach (int groupsPerScale in new[] { 1, 4 })
                {
                    var subject = new KernelCase(kernel, groups, groupsPerScale, seed % 2 == 0, seed % 3 == 0, seed);
                    Assert.Equal(subject.Reference(), subject.Run(kernels));
                    seed++;
                }
            }
        }
    }
}
