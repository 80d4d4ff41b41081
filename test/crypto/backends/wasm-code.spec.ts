import assert from 'node:assert/strict'
import {
  at,
  get,
  I32,
  I32_ADD,
  i32,
  I64,
  i64,
  repeatUntilEqual,
  set,
  unsigned,
  vector,
  wasmModule
} from '../../../src/crypto/backends/wasm-code.js'

type Export = (...parameters: number[]) => void

function run(...functions: Parameters<typeof wasmModule>): {
  readonly memory: DataView
  readonly call: (name: string, ...parameters: number[]) => void
} {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasmModule(...functions)))
  return {
    memory: new DataView((exports['memory'] as WebAssembly.Memory).buffer),
    call: (name, ...parameters) => (exports[name] as Export)(...parameters)
  }
}

describe('crypto/wasm-code', () => {
  it('writes numbers as LEB128, as the specification has them', () => {
    assert.deepEqual(unsigned(0), [0])
    assert.deepEqual(unsigned(127), [127])
    assert.deepEqual(unsigned(128), [0x80, 1])
    assert.deepEqual(unsigned(624485), [0xe5, 0x8e, 0x26])
    assert.deepEqual(i32(63), [0x41, 63])
    assert.deepEqual(i64(64), [0x42, 0xc0, 0])
    assert.deepEqual(i32(624485), [0x41, 0xe5, 0x8e, 0x26])
  })

  it('makes a module whose functions write what they compute to its memory', () => {
    const store = [0x36, ...at(2, 200)]
    const { memory, call } = run(
      [
        { name: 'sum', locals: [], body: [...get(1), ...get(0), ...get(1), ...I32_ADD, ...store] },
        { name: 'constant', locals: [], body: [...get(0), ...i32(8191), ...store] },
        {
          name: 'long',
          locals: [[1, I64]],
          body: [...i64(64), ...set(2), ...get(0), ...get(2), 0x37, ...at(3, 0)]
        }
      ],
      2
    )
    call('sum', 1000, 24)
    assert.equal(memory.getUint32(224, true), 1024)
    call('constant', 0, 0)
    assert.equal(memory.getUint32(200, true), 8191)
    call('long', 512, 0)
    assert.equal(memory.getBigUint64(512, true), 64n)
    assert.equal(memory.byteLength, 65_536)
  })

  it('repeats until two locals are equal, and once if they are at first', () => {
    const add = (local: number, by: number) => [...get(local), ...i32(by), ...I32_ADD, ...set(local)]
    const body = [
      ...repeatUntilEqual([...add(0, 1), ...add(2, 3)], 0, 1),
      ...[...i32(0), ...get(2), 0x36, ...at(2, 0)]
    ]
    const { memory, call } = run([{ name: 'count', locals: [[1, I32]], body }], 2)
    call('count', 0, 5)
    assert.equal(memory.getUint32(0, true), 15)
    call('count', 4, 5)
    assert.equal(memory.getUint32(0, true), 3)
  })

  it('has instructions on vectors', () => {
    const load = (local: number) => [...get(local), ...vector(0), ...at(4, 0)]
    const xor = [...get(0), ...load(0), ...load(1), ...vector(0x51), ...vector(0x0b), ...at(4, 0)]
    const { memory, call } = run([{ name: 'xor', locals: [], body: xor }], 2)
    for (let byte = 0; byte < 16; byte++) {
      memory.setUint8(byte, byte)
      memory.setUint8(64 + byte, 0xf0)
    }
    call('xor', 0, 64)
    for (let byte = 0; byte < 16; byte++) assert.equal(memory.getUint8(byte), byte ^ 0xf0)
  })
})
