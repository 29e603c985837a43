using Iced.Intel;
using KernelGen.Kernels.Products.MachineCode;
using static Iced.Intel.AssemblerRegisters;

namespace KernelGen.MachineCode;

/// <summary>
/// A block of 16 rows times groups of 16 vectors by tiles. The interleaved layout is the right operand as it lies: row i of a tile
/// has columns 4i to 4i + 3
/// of 16 rows of weights. Nibbles are spread once for all vectors. Tiles run some groups ahead of float32: a load that follows a
/// <c>tilestored</c> waits for it.
/// Tiles are configured when the kernel begins and released when it ends.
/// </summary>
internal sealed class AmxKernel(KernelShape shape) : KernelAssembler(shape)
{
    private static readonly AssemblerRegister64 s_products = r13,
        s_stride = r14,
        s_tilesLeft = r15;

    /// <summary>Bytes of the products of a group on their way.</summary>
    private int Slot => 1024 * Slices;

    protected override void Emit()
    {
        Enter();
        Note("tiles belong to this call alone");
        Code.mov(rax, __[Arguments + At(nameof(KernelArguments.TileConfiguration))]);
        Code.ldtilecfg(__[rax]);
        if (Shape.HasNibbles)
        {
            Unpack();
        }
        Note("32 bytes from vector to vector, twice that from quad to quad of weights and in products");
        Code.mov(s_stride, KernelShape.Group);
        Label vectors = Code.CreateLabel();
        Code.Label(ref vectors);
        Note("16 vectors");
        RestartActivations();
        Code.mov(Codes, __[Arguments + At(Shape.HasNibbles ? nameof(KernelArguments.Weights) : nameof(KernelArguments.Codes))]);
        Code.mov(Scales, __[Arguments + At(nameof(KernelArguments.Scales))]);
        Code.mov(Offsets, __[Arguments + At(nameof(KernelArguments.Offsets))]);
        BeginSums();
        FirstTiles();
        Groups();
        EndSums();
        Code.add(__qword_ptr[Arguments + At(nameof(KernelArguments.X))], KernelShape.Group * Shape.Vectors);
        foreach (
            string field in new[] { nameof(KernelArguments.XScales), nameof(KernelArguments.Corrections), nameof(KernelArguments.Totals) }
        )
        {
            Code.add(__qword_ptr[Arguments + At(field)], 4 * Shape.Vectors);
        }
        Code.mov(__[Arguments + At(nameof(KernelArguments.Y))], rax);
        Code.dec(__qword_ptr[Arguments + At(nameof(KernelArguments.Count))]);
        Code.jne(vectors);
        Code.tilerelease();
        Leave();
    }

    /// <summary>Nibbles of all groups to bytes.</summary>
    private void Unpack()
    {
        Label next = Code.CreateLabel();
        Code.mov(Codes, __[Arguments + At(nameof(KernelArguments.Codes))]);
        Code.mov(rcx, __[Arguments + At(nameof(KernelArguments.Weights))]);
        Code.mov(rax, __[Arguments + At(nameof(KernelArguments.Groups))]);
        Code.Label(ref next);
        Fetch();
        for (int pair = 0; pair < 4; pair++)
        {
            AssemblerRegisterZMM low = Zmm[2 * pair],
                high = Zmm[2 * pair + 1];
            Spread(low, high, __zmmword_ptr[Codes + 64 * pair]);
            Code.vmovups(__zmmword_ptr[rcx + 128 * pair], low);
            Code.vmovups(__zmmword_ptr[rcx + 128 * pair + 64], high);
        }
        Code.add(Codes, Shape.GroupBytes);
        Code.add(rcx, KernelShape.Rows * KernelShape.Group);
        Code.dec(rax);
        Code.jne(next);
    }

    private void BeginSums()
    {
        Label zero = Code.CreateLabel(),
            after = Code.CreateLabel();
        Code.cmp(__dword_ptr[Arguments + At(nameof(KernelArguments.Resume))], 0);
        Code.je(zero);
        Code.mov(r15, __[Arguments + At(nameof(KernelArguments.Y))]);
        for (int v = 0; v < Shape.Vectors; v++)
        {
            Code.vmovups(Zmm[v], __zmmword_ptr[r15]);
            Code.add(r15, __qword_ptr[Arguments + At(nameof(KernelArguments.YStep))]);
        }
        Code.jmp(after);
        Code.Label(ref zero);
        for (int v = 0; v < Shape.Vectors; v++)
        {
            Code.vpxord(Zmm[v], Zmm[v], Zmm[v]);
        }
        Code.Label(ref after);
    }

    /// <summary>Products of the first groups are sent on their way.</summary>
    private void FirstTiles()
    {
        Label next = Code.CreateLabel(),
            after = Code.CreateLabel();
        Code.mov(s_products, __[Arguments + At(nameof(KernelArguments.Products))]);
        Code.mov(s_tilesLeft, GroupsLeft);
        Code.mov(LeftUnderScale, KernelShape.AmxAhead);
        Code.Label(ref next);
        Tiles();
        Code.add(s_products, Slot);
        Code.dec(s_tilesLeft);
        Code.je(after);
        Code.dec(LeftUnderScale);
        Code.jne(next);
        Code.Label(ref after);
        Code.mov(s_products, __[Arguments + At(nameof(KernelArguments.Products))]);
        Code.mov(LeftUnderScale, __[Arguments + At(nameof(KernelArguments.GroupsPerScale))]);
    }

    /// <summary>Products of a group: 16 vectors × 16 rows of 32 bits for each slice.</summary>
    private void Tiles()
    {
        AssemblerRegisterTMM[] products = [tmm2, tmm3];
        for (int slice = 0; slice < Slices; slice++)
        {
            Code.tileloadd(tmm0, __[X + s_stride + slice * Shape.Columns]);
            Code.tileloadd(tmm1, __[Codes + s_stride * 2 + slice * Shape.Columns * KernelShape.Rows]);
            Code.tilezero(products[slice]);
            if (Shape.Rule == KernelRule.Signed)
            {
                Code.tdpbssd(products[slice], tmm0, tmm1);
            }
            else
            {
                Note("signed activations, unsigned weights");
                Code.tdpbsud(products[slice], tmm0, tmm1);
            }
            Code.tilestored(__[s_products + s_stride * 2 + 1024 * slice], products[slice]);
        }
        Code.add(Codes, KernelShape.Rows * KernelShape.Group);
        Code.add(X, XStep);
    }

    /// <summary>All groups: products that have arrived meet float32, and their room takes those of a later group.</summary>
    private void Groups()
    {
        Label group = Code.CreateLabel(),
            none = Code.CreateLabel(),
            inside = Code.CreateLabel();
        Code.Label(ref group);
        for (int slice = 0; slice < Slices; slice++)
        {
            LoadScale();
            for (int v = 0; v < Shape.Vectors; v++)
            {
                AssemblerRegisterZMM dot = Zmm[16 + v % 4];
                Code.vcvtdq2ps(dot, __zmmword_ptr[s_products + 1024 * slice + 64 * v]);
                Accumulate(v, Zmm[v], dot, Zmm[20 + v % 4]);
            }
            if (Shape.Rule == KernelRule.Corrected)
            {
                Code.add(Corrections, XScaleStep);
            }
            AddOffsets();
            NextScale();
        }
        Code.add(XScales, XScaleStep);
        Code.test(s_tilesLeft, s_tilesLeft);
        Code.je(none);
        Tiles();
        Code.dec(s_tilesLeft);
        Code.Label(ref none);
        Note("the room for products is a ring; it begins at a multiple of its size");
        Code.add(s_products, Slot);
        Code.test(s_products, Slot * KernelShape.AmxAhead - 1);
        Code.jne(inside);
        Code.sub(s_products, Slot * KernelShape.AmxAhead);
        Code.Label(ref inside);
        Code.dec(GroupsLeft);
        Code.jne(group);
    }

    /// <summary>Stores sums; leaves in rax where those of the next vectors begin.</summary>
    private void EndSums()
    {
        Code.mov(rax, __[Arguments + At(nameof(KernelArguments.Y))]);
        for (int v = 0; v < Shape.Vectors; v++)
        {
            Code.vmulps(Zmm[v], Zmm[v], __dword_bcst[Arguments + At(nameof(KernelArguments.Step))]);
            Code.vmovups(__zmmword_ptr[rax], Zmm[v]);
            Code.add(rax, __qword_ptr[Arguments + At(nameof(KernelArguments.YStep))]);
        }
    }
}
