using Iced.Intel;
using KernelGen.Kernels.Products.MachineCode;
using static Iced.Intel.AssemblerRegisters;

namespace KernelGen.MachineCode;

/// <summary>
/// Blocks of 16 rows times 1, 2, 4 or 8 vectors. <c>vpdpbusd</c> multiplies four bytes of each row by four activations, which it
/// spreads from memory itself,
/// and adds to 32 bits; the float32 sums stay in registers over all groups of a block.
/// </summary>
internal sealed class VnniKernel(KernelShape shape) : KernelAssembler(shape)
{
    /// <summary>
    /// From so many vectors on the pairs of quads of a slice are a loop: its few instructions cost nothing compared with the products.
    /// </summary>
    private const int Loops = 8;

    private static readonly AssemblerRegister64 s_pairsLeft = r13,
        s_y = r14,
        s_blocksLeft = r15;

    /// <summary>Bytes of two quads of columns of 16 rows.</summary>
    private int PairBytes => Shape.HasNibbles ? 64 : 128;

    private int Pairs => Shape.Columns / 8;

    private static AssemblerRegisterZMM Dot(int vector) => Zmm[8 + vector];

    protected override void Emit()
    {
        Enter();
        Code.mov(Codes, __[Arguments + At(nameof(KernelArguments.Codes))]);
        Code.mov(Scales, __[Arguments + At(nameof(KernelArguments.Scales))]);
        Code.mov(Offsets, __[Arguments + At(nameof(KernelArguments.Offsets))]);
        Code.mov(s_y, __[Arguments + At(nameof(KernelArguments.Y))]);
        Code.mov(s_blocksLeft, __[Arguments + At(nameof(KernelArguments.Count))]);

        Label block = Code.CreateLabel(),
            group = Code.CreateLabel();
        Code.Label(ref block);
        FetchResults();
        RestartActivations();
        for (int v = 0; v < Shape.Vectors; v++)
        {
            Code.vpxord(Zmm[v], Zmm[v], Zmm[v]);
        }
        Code.Label(ref group);
        Note("a group of 32 columns");
        Fetch();
        FetchActivations();
        for (int slice = 0; slice < Slices; slice++)
        {
            Slice(slice);
        }
        if (Shape.Vectors < Loops)
        {
            Code.add(Codes, Shape.GroupBytes);
            Code.add(X, XStep);
        }
        else
        {
            Code.lea(X, __[X + XStep - KernelShape.Group]);
        }
        Code.add(XScales, XScaleStep);
        Code.dec(GroupsLeft);
        Code.jne(group);

        EndOfBlock();
        Code.dec(s_blocksLeft);
        Code.jne(block);
        Leave();
    }

    /// <summary>
    /// Asks for the lines that the block's sums will be stored to: they are far from each other, and there is time until then.
    /// </summary>
    private void FetchResults()
    {
        Note("a block of 16 rows");
        Code.mov(rax, s_y);
        for (int v = 0; v < Shape.Vectors; v++)
        {
            Code.prefetchw(__[rax]);
            Code.add(rax, __qword_ptr[Arguments + At(nameof(KernelArguments.YStep))]);
        }
    }

    /// <summary>Asks for the activations of the next group but one, which lie a page further where there are many vectors.</summary>
    private void FetchActivations()
    {
        for (int line = 0; Shape.Vectors >= Loops && line < KernelShape.Group * Shape.Vectors; line += 64)
        {
            Code.prefetcht0(__[X + XStep * 2 + line]);
        }
    }

    /// <summary>A slice: products, then float32.</summary>
    private void Slice(int slice)
    {
        Begin();
        if (Shape.Vectors < Loops)
        {
            for (int pair = 0; pair < Pairs; pair++)
            {
                Pair((slice * Pairs + pair) * PairBytes, 8 * (slice * Pairs + pair));
            }
        }
        else
        {
            Label next = Code.CreateLabel();
            Code.mov(s_pairsLeft, Pairs);
            Code.Label(ref next);
            Pair(0, 0);
            Code.add(Codes, PairBytes);
            Code.add(X, 8);
            Code.dec(s_pairsLeft);
            Code.jne(next);
        }
        LoadScale();
        for (int v = 0; v < Shape.Vectors; v++)
        {
            Code.vcvtdq2ps(Dot(v), Dot(v));
            Accumulate(v, Zmm[v], Dot(v), Zmm[16 + v % 4]);
        }
        if (Shape.Rule != KernelRule.Scaled)
        {
            Code.add(Corrections, XScaleStep);
        }
        AddOffsets();
        NextScale();
    }

    private void Begin()
    {
        for (int v = 0; v < Shape.Vectors; v++)
        {
            if (Shape.Rule == KernelRule.Signed)
            {
                Note("begins with −128 · the sum of the activations, for the 128 that is added to each weight");
                Code.vpbroadcastd(Dot(v), __dword_ptr[Corrections + 4 * v]);
            }
            else
            {
                Code.vpxord(Dot(v), Dot(v), Dot(v));
            }
        }
    }

    /// <summary>Eight columns of all vectors.</summary>
    private void Pair(int codes, int x)
    {
        AssemblerRegisterZMM low = Zmm[16 + codes / PairBytes % 4 * 2],
            high = Zmm[17 + codes / PairBytes % 4 * 2];
        switch (Shape.Codes)
        {
            case KernelCodes.Nibbles or KernelCodes.Table:
                Spread(low, high, __zmmword_ptr[Codes + codes]);
                break;
            case KernelCodes.Bytes:
                Code.vmovdqu32(low, __zmmword_ptr[Codes + codes]);
                Code.vmovdqu32(high, __zmmword_ptr[Codes + codes + 64]);
                break;
            default:
                Code.vpxord(low, Bias, __zmmword_ptr[Codes + codes]);
                Code.vpxord(high, Bias, __zmmword_ptr[Codes + codes + 64]);
                break;
        }
        for (int v = 0; v < Shape.Vectors; v++)
        {
            Code.vpdpbusd(Dot(v), low, __dword_bcst[X + KernelShape.Group * v + x]);
        }
        for (int v = 0; v < Shape.Vectors; v++)
        {
            Code.vpdpbusd(Dot(v), high, __dword_bcst[X + KernelShape.Group * v + x + 4]);
        }
    }

    private void EndOfBlock()
    {
        if (Shape.Columns == 32)
        {
            Label whole = Code.CreateLabel();
            Note("the last groups of a row may be fewer than a scale has");
            Code.cmp(LeftUnderScale, __qword_ptr[Arguments + At(nameof(KernelArguments.GroupsPerScale))]);
            Code.je(whole);
            StepScale();
            Code.Label(ref whole);
        }
        Code.mov(rax, s_y);
        for (int v = 0; v < Shape.Vectors; v++)
        {
            Code.vmulps(Zmm[v], Zmm[v], __dword_bcst[Arguments + At(nameof(KernelArguments.Step))]);
            Code.vmovups(__zmmword_ptr[rax], Zmm[v]);
            if (v < Shape.Vectors - 1)
            {
                Code.add(rax, __qword_ptr[Arguments + At(nameof(KernelArguments.YStep))]);
            }
        }
        Code.add(s_y, 64);
    }
}
